import test from 'ava';
import type { Revision } from '../base/index.ts';
import { type Batch, decodeBatch, encodeBatch } from './batch.ts';
import { Sessions } from './sessions.ts';

test('a batch comes back from its bytes as it was', (t) => {
  const batch: Batch = {
    session: 's1', sequence: 7, now: 1_767_225_600_123,
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
    ],
  };
  const decoded = decodeBatch(encodeBatch(batch));
  t.deepEqual(decoded, batch);
  t.true(JSON.stringify(decoded).includes('"labels":{"b":"1","a":"2"}'), 'labels keep their order');
});

test('a session takes each batch once and in order, also after a snapshot', (t) => {
  const batch = (sequence: number): Batch => ({ session: 's', sequence, now: 0, items: [] });
  const sessions = new Sessions();
  t.true(sessions.accept(batch(1)));
  t.false(sessions.accept(batch(1)), 'a repetition');
  t.false(sessions.accept(batch(3)), 'its predecessor was lost');
  const restored = new Sessions(sessions.rows());
  t.true(restored.accept(batch(2)));
  t.true(restored.accept(batch(3)));
});
