import test from 'ava';
import { resources } from '../api/index.ts';
import type { ObjectChange, ResourceView } from '../resources/index.ts';
import { ClusterWatch } from './cluster-facts.ts';

const fields = { 'metadata.name': 'p', 'metadata.namespace': 'ns' };

/** A pod that changed; without a status it fails whoever parses it. */
function change(type: ObjectChange['type'], status?: object): ObjectChange {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'ns' }, status };
  const object = (): never => {
    if (status === undefined) throw new Error('parsed');
    return pod as never;
  };
  return {
    type,
    resource: resources.pods,
    get object() {
      return object();
    },
    facts: {
      object: {
        index: { uid: 'u', labels: {}, fields, owners: [] },
        mentions: (text) => JSON.stringify(pod).includes(text),
        object,
        read: object,
      },
    },
  };
}

const waiting = (reason: string): object => ({ containerStatuses: [{ name: 'c', state: { waiting: { reason } } }] });

test('a pod that waits for nothing is not parsed, and one that crashes again and again is known until it ends', (t) => {
  let tell: (one: ObjectChange) => void = () => undefined;
  const view = {
    facts: () => [],
    list: () => [],
    onChange: (listener: typeof tell) => {
      tell = listener;
      return () => undefined;
    },
  } as Partial<ResourceView> as ResourceView;
  const watch = new ClusterWatch(view, () => {
    t.fail('no Event was told');
  });
  tell(change('put'));
  t.is(watch.crashLooping.size, 0);
  for (const end of [change('put'), change('delete'), change('put', waiting('ContainerCreating'))]) {
    tell(change('put', waiting('CrashLoopBackOff')));
    t.deepEqual([...watch.crashLooping], [['ns/p', 'CrashLoopBackOff']]);
    tell(end);
    t.is(watch.crashLooping.size, 0);
  }
});
