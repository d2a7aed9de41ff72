import test from 'ava';
import type { Bus } from '../../bus/index.ts';
import type { Store, StoreStatus } from '../../state/index.ts';
import { componentChecks, healthChecks } from './health-checks.ts';

test('each check fails for its own reason alone, and what asks for patience only holds traffic back', async (t) => {
  const well: Partial<StoreStatus> = { leader: 'm', commitIndex: 10, appliedIndex: 10 };
  let status = well;
  let readBarrier = (): Promise<void> => Promise.resolve();
  let stopping = false;
  let tell: (status: 'connected' | 'disconnected') => void = () => undefined;
  const store = { status: () => status, readBarrier: () => readBarrier() } as unknown as Store;
  const checks = healthChecks({
    store,
    bus: {
      onStatus: (listener: typeof tell) => {
        tell = listener;
      },
    } as unknown as Bus,
    stopping: () => stopping,
  });
  const failing = async (): Promise<string[]> => {
    const results = await Promise.all(
      checks.map(async ({ name, check }) => {
        try {
          await check();
          return [];
        } catch {
          return [name];
        }
      }),
    );
    return results.flat();
  };
  t.deepEqual(await failing(), []);
  t.deepEqual(
    checks.filter(({ endpoints }) => endpoints === undefined).map(({ name }) => name),
    ['ping', 'etcd', 'disk'],
  );
  status = { ...well, alarms: [{ type: 'disk-full', message: '' }] };
  t.deepEqual(await failing(), ['disk']);
  status = { commitIndex: 50_000, appliedIndex: 10 };
  t.deepEqual(await failing(), ['raft-leader', 'informer-sync']);
  status = well;
  readBarrier = () => Promise.reject(new Error('no majority'));
  t.deepEqual(await failing(), ['etcd', 'etcd-readiness']);
  readBarrier = () => Promise.resolve();
  tell('disconnected');
  t.deepEqual(await failing(), ['nats']);
  tell('connected');
  stopping = true;
  t.deepEqual(await failing(), ['shutdown']);
});

test('controllers and scheduler are healthy while each shard has a member that is heard', async (t) => {
  const owners = new Map<string, string>();
  const store = {
    get: (key: string) => {
      const owner = owners.get(key.split('/').at(-1) ?? '');
      return owner === undefined ? undefined : { revision: 1, object: () => ({ owner, life: '1', epoch: 1 }) };
    },
    readBarrier: () => Promise.resolve(),
  } as unknown as Store;
  let alive = ['a', 'b'];
  const failing = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const { name, check } of componentChecks({ store, alive: () => alive }))
      await Promise.resolve()
        .then(check)
        .catch(() => found.push(name));
    return found;
  };
  t.deepEqual(await failing(), ['controller-manager', 'scheduler'], 'no shard has an owner yet');
  for (let shard = 0; shard < 32; shard++) owners.set(String(shard).padStart(2, '0'), shard === 0 ? 'a' : 'b');
  t.deepEqual(await failing(), []);
  alive = ['a'];
  t.deepEqual(await failing(), ['controller-manager']);
  alive = ['b'];
  t.deepEqual(await failing(), ['controller-manager', 'scheduler']);
});
