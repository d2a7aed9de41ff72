import test from 'ava';
import { SimulatedNetwork, subjectsOf } from '../../bus/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import type { Store, StoreEvent, StoredRecord } from '../../state/index.ts';
import { startChangeFeed } from './change-feed.ts';

const bytes = new TextEncoder().encode('{"kind":"ConfigMap"}');
const index = { uid: 'u', labels: {}, fields: {}, owners: [] };
const object = {
  kind: 'Secret',
  apiVersion: 'v1',
  metadata: { name: 's', namespace: 'ns', uid: 'u', resourceVersion: '7' },
  data: { key: 'ZGVlcA==' },
};

function event(
  key: string,
  more: { readonly type?: 'put' | 'delete'; readonly previous?: boolean; readonly uid?: string } = {},
): StoreEvent {
  const record = {
    key,
    revision: 7,
    createRevision: 7,
    bytes,
    index: { ...index, uid: more.uid ?? 'u' },
    object: () => object,
  } as unknown as StoredRecord;
  return {
    type: more.type ?? 'put',
    revision: 7,
    record,
    ...(more.previous === true ? { previous: record } : {}),
  } as unknown as StoreEvent;
}

/** A feed, and what a follower heard of it after some events were applied. */
async function heardOf(
  events: readonly StoreEvent[],
  { role = 'leader', audience }: { readonly role?: string; readonly audience?: { readonly present: boolean } } = {},
): Promise<readonly string[]> {
  const time = new SimulatedTime();
  const network = new SimulatedNetwork(time);
  const heard: string[] = [];
  const subjects = subjectsOf('c');
  network.client('follower').subscribe(subjects.events(), ({ subject, payload }) => {
    heard.push(`${subject.slice('troupe.c.events.'.length)} ${new TextDecoder().decode(payload)}`);
  });
  let tell = (_events: readonly StoreEvent[]): void => undefined;
  const store = {
    onApplied: (listener: typeof tell) => {
      tell = listener;
      return { close: () => undefined };
    },
    status: () => ({ role }),
  } as unknown as Store;
  startChangeFeed({ bus: network.client('m1'), subjects, store, audience });
  tell(events);
  await time.run(1);
  return heard;
}

test("the leader tells each change of an object with its bytes, and nothing of the store's own books", async (t) => {
  const key = '/core/configmaps/ns/a.b';
  t.deepEqual(
    await heardOf([
      event(key),
      event(key, { previous: true }),
      event('/core/nodes/n', { type: 'delete', previous: true }),
      event('/core/configmaps/ns/books', { uid: '' }),
    ]),
    [
      'core.configmaps.ns.a%2eb {"type":"ADDED","object":{"kind":"ConfigMap"}}',
      'core.configmaps.ns.a%2eb {"type":"MODIFIED","object":{"kind":"ConfigMap"}}',
      'core.nodes._.n {"type":"DELETED","object":{"kind":"ConfigMap"}}',
    ],
  );
  t.deepEqual(await heardOf([event(key)], { role: 'follower' }), []);
});

test('of a Secret only the identity is told', async (t) => {
  t.deepEqual(await heardOf([event('/core/secrets/ns/s')]), [
    'core.secrets.ns.s {"type":"ADDED","object":{"kind":"Secret","apiVersion":"v1",' +
      '"metadata":{"name":"s","namespace":"ns","uid":"u","resourceVersion":"7"}}}',
  ]);
});

test('nothing is published while nobody can hear it', async (t) => {
  t.is((await heardOf([event('/core/configmaps/ns/a')], { audience: { present: true } })).length, 1);
  t.deepEqual(await heardOf([event('/core/configmaps/ns/a')], { audience: { present: false } }), []);
});
