/** The one live stream of the page: picture, alerts, time line and the figures of the last minutes for the plots. */
import { useEffect, useState } from './vendor/preact.js';
import { Picture } from './picture.js';
import { events } from './streams.js';

const eventsMax = 500;
const samplesMax = 600;

export const live = {
  picture: new Picture(),
  alerts: [],
  events: [],
  samples: [],
  connected: false,
  problem: undefined,
  at: 0,
};
const listeners = new Set();
const tell = () => {
  for (const listener of listeners) listener();
};

let control;

export function startLive() {
  control?.abort();
  control = new AbortController();
  let first = true;
  events('/troupe/api/feed', {
    signal: control.signal,
    // What happened while the connection was broken off comes with the first tick of the next.
    headers: () => (live.at === 0 ? {} : { 'last-event-id': String(live.at) }),
    onStart: () => {
      first = true;
      live.connected = true;
      live.problem = undefined;
      tell();
    },
    onProblem: (error) => {
      live.connected = false;
      live.problem = error;
      tell();
    },
    onEvent: (tick) => {
      if (first) live.picture.keepOnly(new Set(tick.frames.map((frame) => frame.process)));
      first = false;
      for (const frame of tick.frames) live.picture.apply(frame);
      if (tick.alerts) live.alerts = tick.alerts;
      if (tick.events) live.events = [...tick.events.toReversed(), ...live.events].slice(0, eventsMax);
      live.at = tick.at;
      sample(tick.at);
      tell();
    },
  });
}

export function stopLive() {
  control?.abort();
  Object.assign(live, {
    picture: new Picture(),
    alerts: [],
    events: [],
    samples: [],
    connected: false,
    problem: undefined,
    at: 0,
  });
}

function sample(at) {
  const processes = [...live.picture.processes.values()].filter((process) => !process.silent);
  const stores = processes.filter((process) => process.store !== undefined);
  const leader = stores.find((process) => process.store.role === 'leader') ?? stores[0];
  const last = live.samples.at(-1);
  const commits = leader?.store.commitIndex;
  live.samples.push({
    at: at / 1000,
    commitIndex: commits,
    commits:
      last?.commitIndex === undefined || commits === undefined
        ? null
        : Math.max(0, (commits - last.commitIndex) / Math.max(0.5, at / 1000 - last.at)),
    sync: leader?.store.lastSyncMs ?? null,
    messages: processes.reduce(
      (sum, process) => sum + [...process.rates.values()].reduce((total, rate) => total + rate, 0),
      0,
    ),
    waiting: processes.reduce(
      (sum, process) => sum + [...process.counts.values()].reduce((total, counts) => total + counts[1], 0),
      0,
    ),
    cpu: processes.reduce((sum, process) => sum + (process.cpuShare ?? 0) * 100, 0),
    memory: processes.reduce((sum, process) => sum + (process.figures?.residentBytes ?? 0) / 1048576, 0),
  });
  if (live.samples.length > samplesMax) live.samples.shift();
}

/** Renders the calling component again with each tick. */
export function useLive() {
  const [, setBeat] = useState(0);
  useEffect(() => {
    const listener = () => {
      setBeat((beat) => beat + 1);
    };
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return live;
}
