import { readFileSync } from 'node:fs';
import { connectNats } from '../../src/bus/index.ts';
import { systemTimers } from '../../src/platform/index.ts';
import { busClient } from '../../src/resources/index.ts';
import type { Model, Operation } from '../../src/histories/index.ts';
import type { Cluster } from './cluster.ts';
import { ManyClient } from './members-client.ts';

export const maps = '/api/v1/namespaces/default/configmaps';
export const configMap = (name: string, data: Record<string, string> = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/**
 * Answers that tell a client to ask again: too many requests, service unavailable, a timeout (of the server: 500 with
 * its reason, as upstream).
 */
function isRetryable(code: number | string, text: string): boolean {
  return (
    typeof code === 'string' ||
    [408, 429, 503, 504].includes(code) ||
    (code === 500 && /ServerTimeout|timed? ?out/i.test(text))
  );
}

/** What writers saw, until they are told to stop. */
export class Witness {
  running = true;
  readonly acknowledged = new Set<string>();
  readonly retryable = new Map<string, number>();
  readonly others: string[] = [];

  failed(code: number | string, text: string): void {
    if (isRetryable(code, text)) this.retryable.set(String(code), (this.retryable.get(String(code)) ?? 0) + 1);
    else this.others.push(`${code} ${text.slice(0, 200)}`);
  }
}

/** Creates objects through whichever member answers, until it is told to stop. */
export async function httpWriter(
  cluster: Cluster,
  { id, urls, record }: { readonly id: number; readonly urls: readonly string[]; readonly record: Witness },
): Promise<void> {
  const client = new ManyClient(cluster, urls, id);
  for (let i = 0; record.running; i++) {
    const name = `http-${id}-${i}`;
    for (let done = false; !done && record.running;) {
      try {
        const answer = await client.ask('POST', maps, configMap(name));
        // After an answer that was lost, "it exists" is the answer.
        done = answer.status === 201 || answer.status === 409;
        if (done) record.acknowledged.add(name);
        else record.failed(answer.status, answer.body);
      } catch {
        record.failed('no answer', '');
      }
      await pause(15);
    }
  }
  client.close();
}

interface NatsFile {
  readonly servers: readonly string[];
  readonly token: string;
  readonly cluster: string;
}

export type NatsClient = ReturnType<typeof busClient>;

/** A client of the NATS door, at all servers or at those that are given and no others. */
export async function natsClient(
  cluster: Cluster,
  name: string,
  servers?: readonly string[],
): Promise<{ readonly client: NatsClient; close(): Promise<void> }> {
  const file = JSON.parse(readFileSync(`${cluster.home}/nats.json`, 'utf8')) as NatsFile;
  const bus = await connectNats({
    servers: servers ?? file.servers,
    pinned: servers !== undefined,
    token: file.token,
    name,
  });
  const client = busClient({ bus, timers: systemTimers, cluster: file.cluster, token: file.token, deadlineMs: 3_000 });
  return {
    client,
    close: async () => {
      client.close();
      await bus.close();
    },
  };
}

/** As `httpWriter`, through the NATS door. */
export async function natsWriter(
  cluster: Cluster,
  { id, record, servers }: { readonly id: number; readonly record: Witness; readonly servers?: readonly string[] },
): Promise<void> {
  const { client, close } = await natsClient(cluster, `writer-${id}`, servers);
  for (let i = 0; record.running; i++) {
    const name = `nats-${id}-${i}`;
    for (let done = false; !done && record.running;) {
      try {
        await client.create({ group: '', resource: 'configmaps', namespace: 'default' }, configMap(name));
        done = true;
      } catch (error) {
        const { code, message } = error as { code: number; message: string };
        if (code === 409) done = true;
        else record.failed(code, message);
      }
      if (done) record.acknowledged.add(name);
      await pause(15);
    }
  }
  await close();
}

export type RegisterAction =
  | { readonly type: 'read'; readonly value: string }
  | { readonly type: 'swap'; readonly from: string; readonly to: string; readonly done: boolean };

export const registerModel: Model<string, RegisterAction> = {
  initial: '0',
  step: (state, action) => {
    if (action.type === 'read') return action.value === state ? state : undefined;
    if (!action.done) return state === action.from ? undefined : state;
    return state === action.from ? action.to : undefined;
  },
  fingerprint: (state) => state,
};

/** Reads a register and swaps its value on the version that was read, with unique values. */
export async function swapper(
  cluster: Cluster,
  {
    id,
    urls,
    record,
    history,
  }: {
    readonly id: number;
    readonly urls: readonly string[];
    readonly record: Witness;
    readonly history: Operation<RegisterAction>[];
  },
): Promise<void> {
  const client = new ManyClient(cluster, urls, id);
  const started = performance.now();
  const moment = (): number => Math.round((performance.now() - started) * 1_000_000) / 1_000_000;
  for (let i = 1; record.running; i++) {
    await pause(40);
    const readAt = performance.now();
    const read = await client.ask('GET', `${maps}/register`).catch(() => undefined);
    if (read?.status !== 200) continue;
    const object = JSON.parse(read.body) as { metadata: object; data: { value: string } };
    history.push({
      calledAt: readAt,
      returnedAt: performance.now(),
      action: { type: 'read', value: object.data.value },
    });
    const action = { type: 'swap' as const, from: object.data.value, to: `${id}-${i}-${moment()}` };
    const calledAt = performance.now();
    const written = await client
      .ask('PUT', `${maps}/register`, { apiVersion: 'v1', kind: 'ConfigMap', ...object, data: { value: action.to } })
      .catch(() => undefined);
    if (written?.status === 200)
      history.push({ calledAt, returnedAt: performance.now(), action: { ...action, done: true } });
    else if (written?.status === 409)
      history.push({ calledAt, returnedAt: performance.now(), action: { ...action, done: false } });
    else history.push({ calledAt, action: { ...action, done: true } });
  }
  client.close();
}
