import test from 'ava';
import { seededRandom, type Revision } from '../base/index.ts';
import { KeySpace, type StoreEvent } from '../mvcc/index.ts';
import { type Batch, type BatchItem, BatchEncoder, decodeBatch } from './batch/index.ts';
import { put, remove, write } from './membership/members.suite.ts';
import { eventsBetween, StateMachine, StateMachineDecoder } from './state-machine.ts';

const encoder = new BatchEncoder();

function chunksOf(machine: StateMachine): readonly Uint8Array[] {
  const source = machine.snapshot();
  const chunks: Uint8Array[] = [];
  for (let chunk = source.next(); chunk !== undefined; chunk = source.next()) chunks.push(chunk);
  return chunks;
}

function restored(chunks: readonly Uint8Array[]): StateMachine {
  const decoder = new StateMachineDecoder({});
  for (const chunk of chunks) decoder.add(chunk);
  return decoder.finish();
}

test('a replica that replays the log equals one restored from a snapshot, byte for byte, ever after', (t) => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = seededRandom(seed);
    const replayed = StateMachine.empty({});
    let other = StateMachine.empty({});
    const sequences = new Map<string, number>();
    let now = 1_000_000;
    for (let step = 0; step < 200; step++) {
      now += random.below(3_000);
      const session = `s${random.below(3)}`;
      const sequence = (sequences.get(session) ?? 0) + (random.below(8) === 0 ? random.below(2) * 2 : 1);
      const item = (): BatchItem => {
        const key = `/k/${random.below(40)}`;
        const choice = random.below(6);
        if (choice === 0) return 'expire';
        return choice === 1
          ? write(remove(key))
          : write(put(key, `v${step}`, choice === 2 ? { expiresAt: now + random.below(60_000) } : {}));
      };
      const batch: Batch = {
        session,
        sequence,
        bornAt: 0,
        now,
        items: Array.from({ length: 1 + random.below(4) }, item),
      };
      const results = replayed.apply(batch, []);
      if (typeof results !== 'string') sequences.set(session, sequence);
      const again = other.apply(decodeBatch(encoder.encode(batch)), []);
      t.deepEqual(
        typeof again === 'string' ? again : again.map((result) => result?.committed),
        typeof results === 'string' ? results : results.map((result) => result?.committed),
      );
      if (random.below(20) === 0) other = restored(chunksOf(other));
      if (random.below(10) === 0) other.space.sweep(random.below(50));
    }
    t.deepEqual(chunksOf(other), chunksOf(replayed), `seed ${seed}`);
  }
});

test('after a jump over compacted history, the events lead a watcher from the old state to the new one', (t) => {
  const before = new KeySpace({ historyEventsMax: 2 });
  const after = new KeySpace({ historyEventsMax: 2 });
  const known = new Map<string, number>();
  const note = (events: readonly StoreEvent[]): void => {
    for (const { type, record } of events) {
      if (type === 'delete') known.delete(record.key);
      else known.set(record.key, record.revision);
    }
  };
  for (let i = 0; i < 20; i++) {
    note(before.apply(write(put(`/k/${i}`)), 0).events);
    after.apply(write(put(`/k/${i}`)), 0);
  }
  for (let i = 0; i < 10; i++) after.apply(write(remove(`/k/${i * 2}`), put(`/k/${i + 15}`, 'new')), 0);
  const from = before.revision;
  const events = eventsBetween(before, after);
  note(events);
  t.deepEqual(
    [...known].sort(),
    after
      .range({ prefix: '' })
      .records.map((record) => [record.key, record.revision] as [string, Revision])
      .sort(),
  );
  t.true(
    events.every((event, position) => event.revision > from && event.revision >= (events[position - 1]?.revision ?? 0)),
  );
  const gone = events.find((event) => event.type === 'delete');
  t.is(
    gone?.record.object<{ metadata: { resourceVersion: string } }>().metadata.resourceVersion,
    String(gone?.revision),
  );
});
