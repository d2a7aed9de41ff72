/** What happens to a CRI runtime's containers: by looking at all of them each second, and at once when told of news. */
import type { Timer, Timers } from '../../../base/index.ts';
import type { RuntimeEvent } from '../runtime.ts';
import type { CriConnection } from './cri-connection.ts';
import { listContainers, statusOf } from './cri-containers.ts';
import { portLabels, stateOf } from './cri-facts.ts';
import type { ListedContainer } from './cri-messages.ts';
import type { Sandboxes } from './cri-sandboxes.ts';
import { own } from './cri-spec.ts';
import type { LogLimits } from '../log-limits.ts';
import { rotateLogs } from './log-rotation.ts';

type Labels = Readonly<Record<string, string>>;

interface Seen {
  readonly labels: Labels;
  readonly state: 'created' | 'running' | 'exited';
  readonly isSandbox: boolean;
}

/** As often as a kubelet looks (its generic PLEG). */
const lookMs = 1000;
/** So soon after news; many come together. */
const newsMs = 10;
/** A runtime without events refuses each time. */
const [reopenMinMs, reopenMaxMs] = [1000, 60_000] as const;
/** A log is looked at so many times less often. */
const rotateEvery = 10;

interface FollowOptions {
  readonly connection: CriConnection;
  readonly sandboxes: Sandboxes;
  readonly timers: Timers;
  readonly labels: Labels;
  readonly listener: (event: RuntimeEvent) => void;
  readonly logLimits: LogLimits;
}

/**
 * The runtime's own events are but a reason to look: some runtimes have none, some give each one to only one of those
 * who listen.
 */
export function followCriEvents(options: FollowOptions): { close(): void } {
  const { connection, timers, listener, logLimits } = options;
  const logs = new Map<string, string>();
  let seen: ReadonlyMap<string, Seen> | undefined;
  let [closed, looking, news, looks] = [false, false, false, 0];
  let timer: Timer | undefined;
  let feed: { close(): void } | undefined;
  let reopening: Timer | undefined;
  let reopenMs: number = reopenMinMs;
  const tell = (event: RuntimeEvent): void => {
    if (!closed) listener(event);
  };
  const plan = (afterMs: number): void => {
    timer?.cancel();
    if (!closed) timer = timers.after(afterMs, look);
  };
  const look = (): void => {
    looking = true;
    news = false;
    lookAt(options, seen, tell)
      .then(
        async (now) => {
          if (seen === undefined) tell({ type: 'connected' });
          seen = now.seen;
          looks += 1;
          if (looks % rotateEvery === 0) await rotateLogs({ connection, paths: logs, limits: logLimits }, now.running);
        },
        () => {
          if (seen !== undefined) tell({ type: 'disconnected' });
          seen = undefined;
        },
      )
      // A log that could not be rotated is tried again.
      .catch(() => undefined)
      .finally(() => {
        looking = false;
        plan(news ? newsMs : lookMs);
      });
  };
  const listen = (): void => {
    feed = connection.events(
      () => {
        news = true;
        reopenMs = reopenMinMs;
        if (!looking) plan(newsMs);
      },
      () => {
        if (!closed) reopening = timers.after(reopenMs, listen);
        reopenMs = Math.min(reopenMs * 2, reopenMaxMs);
      },
    );
  };
  look();
  listen();
  return {
    close: () => {
      closed = true;
      timer?.cancel();
      reopening?.cancel();
      feed?.close();
    },
  };
}

interface Look {
  readonly seen: ReadonlyMap<string, Seen>;
  readonly running: readonly ListedContainer[];
}

async function lookAt(
  { connection, sandboxes, labels }: FollowOptions,
  before: ReadonlyMap<string, Seen> | undefined,
  tell: (event: RuntimeEvent) => void,
): Promise<Look> {
  const [containers, boxes] = await Promise.all([listContainers(connection, labels), sandboxes.list(labels)]);
  const shown = boxes.filter(({ labels: theirs }) => theirs[own.private] !== 'true');
  const seen = new Map<string, Seen>();
  for (const each of containers) seen.set(each.id, { ...seenOf(each), isSandbox: false });
  for (const each of shown) seen.set(each.id, { ...seenOf(each), isSandbox: true });
  if (before !== undefined) for (const event of await changes(connection, before, seen)) tell(event);
  return { seen, running: containers.filter(({ state }) => stateOf(state) === 'running') };
}

const seenOf = ({ labels, state }: Pick<ListedContainer, 'labels' | 'state'>): Omit<Seen, 'isSandbox'> => ({
  labels: portLabels(labels),
  state: stateOf(state),
});

async function changes(
  connection: CriConnection,
  before: ReadonlyMap<string, Seen>,
  now: ReadonlyMap<string, Seen>,
): Promise<readonly RuntimeEvent[]> {
  const events: RuntimeEvent[] = [];
  for (const [id, { labels, state, isSandbox }] of now) {
    const past = before.get(id)?.state;
    if (past === state || state === 'created') continue;
    if (past !== 'running') events.push({ type: 'started', id, labels });
    if (state === 'exited') events.push(...(await endOf(connection, { id, labels, isSandbox })));
  }
  for (const [id, { labels }] of before) if (!now.has(id)) events.push({ type: 'removed', id, labels });
  return events;
}

/** How a container ended; one that is gone meanwhile is told of by the next look. */
async function endOf(
  connection: CriConnection,
  { id, labels, isSandbox }: { readonly id: string; readonly labels: Labels; readonly isSandbox: boolean },
): Promise<readonly RuntimeEvent[]> {
  if (isSandbox) return [{ type: 'exited', id, labels, exitCode: 137 }];
  const status = (await statusOf(connection, id))?.status;
  const exited: RuntimeEvent = { type: 'exited', id, labels, exitCode: status?.exitCode };
  return status?.reason === 'OOMKilled' ? [{ type: 'out-of-memory', id, labels }, exited] : [exited];
}
