import test from 'ava';
import { SimulatedTime } from '../../platform/index.ts';
import { ApiError, CollectionInformer, type KubernetesObject, type WatchOptions } from './index.ts';

const object = (name: string, resourceVersion: string, uid = name): KubernetesObject => ({
  metadata: { name, namespace: 'ns', uid, resourceVersion },
});

/** A collection whose lists and watches the test makes up. */
class FakeCollection {
  items: KubernetesObject[] = [];
  lists = 0;
  readonly watches: WatchOptions<KubernetesObject>[] = [];

  list() {
    this.lists += 1;
    return Promise.resolve({ items: [...this.items], resourceVersion: '10' });
  }

  watch(options: WatchOptions<KubernetesObject>) {
    this.watches.push(options);
    return { close: () => undefined };
  }
}

function start() {
  const time = new SimulatedTime();
  const collection = new FakeCollection();
  collection.items = [object('b', '2'), object('a', '1')];
  const told: string[] = [];
  const informer = new CollectionInformer<KubernetesObject>(collection, time, {
    added: ({ metadata }) => told.push(`+${metadata.name} of ${informer.list().length}`),
    changed: ({ metadata }, before) => told.push(`~${metadata.name} ${before.metadata.resourceVersion}`),
    deleted: ({ metadata }, before) => told.push(`-${metadata.name} ${before.metadata.uid}`),
    prepare: Object.freeze,
  });
  return { time, collection, told, informer };
}

test('the copy is complete, sorted and prepared before anybody hears of it', async (t) => {
  const { informer, told } = start();
  await informer.synced;
  t.deepEqual(told, ['+b of 2', '+a of 2']);
  t.deepEqual(
    informer.list('ns').map(({ metadata }) => metadata.name),
    ['a', 'b'],
  );
  t.true(Object.isFrozen(informer.get('a', 'ns')));
  informer.close();
});

test('a watch that ends is resumed from the last version; a version that is gone is listed again', async (t) => {
  const { time, collection, told, informer } = start();
  await informer.synced;
  collection.watches[0]?.event({ type: 'MODIFIED', object: object('a', '11') });
  collection.watches[0]?.event({ type: 'BOOKMARK', resourceVersion: '20' });
  collection.watches[0]?.ended?.(undefined);
  await time.run(1_000);
  t.is(collection.watches[1]?.resourceVersion, '20');
  t.is(collection.lists, 1);
  collection.items = [object('a', '30', 'another')];
  collection.watches[1]?.ended?.(new ApiError(410, undefined));
  await time.run(1_000);
  t.is(collection.lists, 2);
  t.deepEqual(told.slice(2), ['~a 1', '-a a', '+a of 1', '-b b'], 'an object of the same name with another UID is new');
  informer.close();
});

test('a watch that fails again and again from one version is given up for a list', async (t) => {
  const { time, collection, informer } = start();
  await informer.synced;
  for (let i = 0; i < 4; i++) {
    collection.watches.at(-1)?.ended?.(new ApiError(503, undefined));
    await time.run(10_000);
  }
  t.is(collection.lists, 2);
  informer.close();
});
