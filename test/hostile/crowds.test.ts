import test from 'ava';
import { limits, Turns } from '../../src/base/index.ts';
import { systemClock, systemTimers } from '../../src/platform/index.ts';
import { startHarness } from '../../src/resources/testing/harness.ts';
import {
  type DoorHarness,
  hostileGround,
  hostileKinds,
  type HostileRequest,
  longestTurns,
  processorMs,
  startDoor,
} from '../../src/api-server/testing/index.ts';
import { yamlThread } from '../../src/api-server/yaml-thread.ts';

/** A server with a write path of its own, on the real event loop. */
async function start(): Promise<{ readonly door: DoorHarness; readonly close: () => void }> {
  const turns = new Turns({ clock: systemClock, timers: systemTimers });
  const { service } = await startHarness({ turns });
  const yaml = yamlThread(systemTimers);
  return { door: startDoor({ service, turns, parseLongYaml: yaml.parse }), close: yaml.close };
}

const send = ({ door }: Awaited<ReturnType<typeof start>>, { method, url, ...more }: HostileRequest) =>
  door.ask(method, url, more);

const crowd = 100;
const values = 640;
/** Processor time of one turn, without the collection of garbage. A hundred are half a second of work or more. */
const turnMsMax = 50;

for (const { name, make } of hostileKinds(values))
  test.serial(`a hundred at once hold the event loop for one step at a time: ${name}`, async (t) => {
    const server = await start();
    t.teardown(server.close);
    for (const request of hostileGround(values)) t.is((await send(server, request)).status, 201);
    await send(server, make(0));
    const requests = Array.from({ length: crowd }, (_, index) => make(index));
    const lease = await renewing(server);
    t.teardown(lease.end);
    const { processorMs: longestMs, garbageMs } = await longestTurns(async () => {
      const answers = await Promise.all(requests.map((request) => send(server, request)));
      const statuses = new Set(answers.map(({ status }) => status));
      // Texts in YAML beyond those of a user that may wait are refused.
      if (name.startsWith('YAML')) statuses.delete(429);
      t.is(statuses.size, 1);
      t.false(statuses.has(500));
    });
    const apartMs = await lease.end();
    t.log(`${shown(longestMs, garbageMs)}; renewals apart: ${apartMs.toFixed(1)} ms`);
    t.true(longestMs < turnMsMax, `${longestMs.toFixed(0)} ms of processor time in one turn`);
    t.true(apartMs < 3 * turnMsMax, `${apartMs.toFixed(0)} ms of processor time between two renewals of a lease`);
  });

const shown = (turnMs: number, garbageMs: number): string =>
  `longest turn: ${turnMs.toFixed(1)} ms of processor time; longest collection of garbage: ${garbageMs.toFixed(0)} ms`;

/** Values at the edge of what the doors let in. */
const edge = limits.bodyValuesMax - 1_000;
/** Two at once take turns at each step; the first has code that nobody has run before, which is not measured. */
const pair = 2;

for (const { name, make } of hostileKinds(edge))
  test.serial(`a request at the edge of the bounds holds the event loop for one step at a time: ${name}`, async (t) => {
    const server = await start();
    t.teardown(server.close);
    for (const request of hostileGround(edge)) t.is((await send(server, request)).status, 201);
    for (let i = 0; i < 2; i += 1) await send(server, make(i));
    const requests = Array.from({ length: pair }, (_, index) => make(index));
    const { processorMs: longestMs, garbageMs } = await longestTurns(() =>
      Promise.all(requests.map((request) => send(server, request))),
    );
    t.log(shown(longestMs, garbageMs));
    t.true(longestMs < turnMsMax, `${longestMs.toFixed(0)} ms of processor time in one turn`);
  });

interface Renewing {
  /** The longest processor time between two renewals. */
  end(): Promise<number>;
}

const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';

/** Renews a lease again and again, as agents do. */
async function renewing(server: Awaited<ReturnType<typeof start>>): Promise<Renewing> {
  const lease = { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', metadata: { name: 'n' }, spec: {} };
  await send(server, { method: 'POST', url: leases, body: JSON.stringify(lease) });
  let [over, longestMs, last, renewals] = [false, 0, processorMs(), 0];
  const renewal = async (): Promise<void> => {
    while (!over) {
      const spec = { holderIdentity: 'n', leaseTransitions: (renewals += 1) };
      await send(server, { method: 'PUT', url: `${leases}/n`, body: JSON.stringify({ ...lease, spec }) });
      const now = processorMs();
      longestMs = Math.max(longestMs, now - last);
      last = now;
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  };
  const running = renewal();
  return {
    end: async () => {
      over = true;
      await running;
      return longestMs;
    },
  };
}
