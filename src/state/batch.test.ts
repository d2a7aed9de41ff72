import test from 'ava';
import type { Revision } from '../base/index.ts';
import { type Batch, decodeBatch, encodeBatch } from './batch.ts';
import { Sessions } from './sessions.ts';

test('a batch comes back from its bytes as it was', (t) => {
  const batch: Batch = {
    session: 's1', sequence: 7, bornAt: 3, now: 1_767_225_600_123,
    items: [
      'tick',
      {
        compares: [{ key: '/a', revision: 0 as Revision }, { key: '/b', revision: 4_294_967_400 as Revision }],
        operations: [
          { type: 'put', key: '/a', value: Uint8Array.of(1, 2, 3), revisionAt: 2, expiresAt: 99, index: { uid: 'u', labels: { b: '1', a: '2' }, fields: {}, owners: ['o'] } },
          { type: 'put', key: '/c', value: new Uint8Array(0), revisionAt: -1, index: { uid: '', labels: {}, fields: { 'metadata.name': 'c' }, owners: [] } },
          { type: 'delete', key: '/d' },
        ],
      },
      { compares: [], operations: [{ type: 'delete', key: '/e' }], trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    ],
  };
  const decoded = decodeBatch(encodeBatch(batch));
  t.deepEqual(decoded, batch);
  t.true(JSON.stringify(decoded).includes('"labels":{"b":"1","a":"2"}'), 'labels keep their order');
});

const batchOf = (sequence: number, session = 's', bornAt = 0): Batch => ({ session, sequence, bornAt, now: 0, items: [] });

test('a session takes each batch once and in order, also after a snapshot', (t) => {
  const sessions = new Sessions();
  t.is(sessions.accept(batchOf(1)), 'due');
  t.is(sessions.accept(batchOf(1)), 'repeated');
  t.is(sessions.accept(batchOf(3)), 'repeated', 'its predecessor was lost');
  const restored = new Sessions(sessions.image());
  t.is(restored.accept(batchOf(2)), 'due');
  t.is(restored.accept(batchOf(3)), 'due');
});

test('a session that was silent too long is forgotten, and no late batch of it is ever taken again', (t) => {
  const sessions = new Sessions(undefined, 2);
  t.is(sessions.accept(batchOf(1, 'silent')), 'due');
  for (const name of ['a', 'b', 'c']) t.is(sessions.accept(batchOf(1, name, sessions.moment)), 'due');
  const restored = new Sessions(sessions.image(), 2);
  for (const state of [sessions, restored]) {
    t.is(state.accept(batchOf(1, 'silent')), 'forgotten', 'it would be done twice');
    t.is(state.accept(batchOf(2, 'silent')), 'forgotten', 'it would wait for ever');
    t.is(state.accept(batchOf(2, 'new', state.moment)), 'repeated', 'its first one is still to come');
    t.is(state.accept(batchOf(1, 'new', state.moment)), 'due');
  }
});
