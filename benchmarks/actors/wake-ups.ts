/** Measures how soon a controller wakes after a write. */
import { join } from 'node:path';
import { type Controller, runController } from '../../src/controllers/index.ts';
import { silentLogger } from '../../src/base/index.ts';
import { MetricsRegistry, systemClock, systemDisk, systemRandom, systemTimers } from '../../src/platform/index.ts';
import { type ResourceClient, storeView } from '../../src/resources/index.ts';
import { openStore, type StoreMember } from '../../src/state/index.ts';
import { newSystem } from './system.ts';

export interface WakeTimes {
  /** ms from the applied commit to the controller's reconcile. */
  readonly fromCommit: readonly number[];
  /** ms from the write's call to the controller's reconcile. */
  readonly fromWrite: readonly number[];
  readonly perSecond: number;
}

const keyPrefix = '/core/configmaps/default/';

/** Changes objects in a synced store at a steady rate and times the reconciles that follow. */
export async function wakeTimes(
  folder: string,
  options: { readonly perSecond: number; readonly forMs: number },
): Promise<WakeTimes> {
  const store = await openStore({
    member: 'a',
    voters: ['a'],
    folder: join(folder, 'store'),
    disk: systemDisk,
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    log: silentLogger,
    metrics: new MetricsRegistry(),
  });
  const system = newSystem('wake-ups');
  const [written, applied] = [new Map<string, number>(), new Map<string, number>()];
  const times = { fromCommit: [] as number[], fromWrite: [] as number[] };
  store.onApplied((events) => {
    for (const { record } of events) applied.set(record.key.slice(keyPrefix.length), performance.now());
  });
  const controller: Controller = {
    name: 'bench',
    resource: { group: '', resource: 'configmaps' },
    keysFor: ({ object }) => [`default/${object.metadata.name ?? ''}`],
    reconcile: (key) => {
      const [now, name] = [performance.now(), key.slice('default/'.length)];
      times.fromCommit.push(now - (applied.get(name) ?? now));
      times.fromWrite.push(now - (written.get(name) ?? now));
      return Promise.resolve(undefined);
    },
  };
  const ports = {
    view: storeView(store),
    client: {} as ResourceClient,
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    event: () => undefined,
  };
  const running = runController(controller, ports, { system, clock: systemClock, timers: systemTimers });
  const perSecond = await change(store, written, options);
  running.stop();
  await system.stop();
  await store.close();
  const settled = Math.floor(times.fromCommit.length / 10);
  return { fromCommit: times.fromCommit.slice(settled), fromWrite: times.fromWrite.slice(settled), perSecond };
}

async function change(
  store: StoreMember,
  written: Map<string, number>,
  { perSecond, forMs }: { readonly perSecond: number; readonly forMs: number },
): Promise<number> {
  const began = performance.now();
  const writes: Promise<unknown>[] = [];
  for (let sent = 0; performance.now() - began < forMs;) {
    for (const due = ((performance.now() - began) / 1_000) * perSecond; sent < due; sent++) {
      const name = `c${sent}`;
      written.set(name, performance.now());
      writes.push(store.transact(put(name)));
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
  await Promise.all(writes);
  return writes.length / ((performance.now() - began) / 1_000);
}

function put(name: string): Parameters<StoreMember['transact']>[0] {
  const value = new TextEncoder().encode(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'default' },
      data: { text: 'x'.repeat(100) },
    }),
  );
  return {
    compares: [],
    operations: [
      {
        type: 'put',
        key: `${keyPrefix}${name}`,
        value,
        revisionAt: -1,
        index: { uid: name, labels: {}, fields: {}, owners: [] },
      },
    ],
  };
}
