import test from 'ava';
import type { Revision } from '../../base/index.ts';
import type { StoreEvent, StoredRecord } from '../../mvcc/index.ts';
import { WatchHub, type WatchListener } from './watch-hub.ts';

const event = (key: string, revision: number): StoreEvent => ({
  type: 'put',
  revision: revision as Revision,
  record: { key } as StoredRecord,
});
const from = (revision: number): Revision => revision as Revision;
const never = (): void => {
  throw new Error('nothing was lost');
};
const on = (events: (events: readonly StoreEvent[]) => void): WatchListener => ({ events, lost: never });
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    queueMicrotask(resolve);
  });

test('an event reaches the watchers of every prefix of its key, once, and no others', async (t) => {
  const hub = new WatchHub(() => {
    t.fail();
  });
  const seen: string[] = [];
  for (const prefix of [
    '',
    '/core/',
    '/core/pods/',
    '/core/pods/n/',
    '/core/pods/n/x',
    '/core/pods/n/xy',
    '/apps/',
    '/core/pods/m/',
  ]) {
    hub.add(
      { prefix, from: from(1), history: [] },
      on((events) => {
        seen.push(`${prefix}=${events.map(({ record }) => record.key).join()}`);
      }),
    );
  }
  await turn();
  hub.publish([event('/core/pods/n/x', 2)]);
  t.deepEqual(
    seen.sort(),
    ['', '/core/', '/core/pods/', '/core/pods/n/', '/core/pods/n/x'].map((prefix) => `${prefix}=/core/pods/n/x`).sort(),
  );
});

test('what is published before history was delivered comes after it', async (t) => {
  const hub = new WatchHub(() => {
    t.fail();
  });
  const seen: number[] = [];
  hub.add(
    { prefix: '/', from: from(3), history: [event('/a', 2), event('/a', 3)] },
    on((events) => {
      seen.push(...events.map(({ revision }) => revision));
    }),
  );
  hub.publish([event('/a', 4)]);
  await turn();
  hub.publish([event('/a', 5)]);
  t.deepEqual(seen, [2, 3, 4, 5]);
});

test('a watch that begins in the future hears nothing before its start', async (t) => {
  const hub = new WatchHub(() => {
    t.fail();
  });
  const seen: number[] = [];
  hub.add(
    { prefix: '/', from: from(6), history: [] },
    on((events) => {
      seen.push(...events.map(({ revision }) => revision));
    }),
  );
  await turn();
  hub.publish([event('/a', 5), event('/a', 6), event('/a', 7)]);
  t.deepEqual(seen, [7]);
});

test('a watcher may end itself, end another or begin a new one while events are delivered', async (t) => {
  const hub = new WatchHub(() => {
    t.fail();
  });
  const seen: string[] = [];
  const first = hub.add(
    { prefix: '/', from: from(1), history: [] },
    on(() => {
      seen.push('first');
      first.close();
      second.close();
      hub.add(
        { prefix: '/', from: from(2), history: [] },
        on(() => {
          seen.push('third');
        }),
      );
    }),
  );
  const second = hub.add(
    { prefix: '/', from: from(1), history: [] },
    on(() => {
      seen.push('second');
    }),
  );
  await turn();
  hub.publish([event('/a', 2)]);
  await turn();
  hub.publish([event('/a', 3)]);
  t.deepEqual(seen, ['first', 'third']);
  t.is(hub.count, 1);
});

test('a listener that throws disturbs nobody else', async (t) => {
  const errors: unknown[] = [];
  const hub = new WatchHub((error) => errors.push(error));
  let heard = 0;
  hub.add(
    { prefix: '/', from: from(1), history: [] },
    on(() => {
      throw new Error('broken');
    }),
  );
  hub.add(
    { prefix: '/', from: from(1), history: [] },
    on(() => {
      heard += 1;
    }),
  );
  await turn();
  hub.publish([event('/a', 2)]);
  t.is(errors.length, 1);
  t.is(heard, 1);
});

test('an event reaches the watchers of the value that its record has or had, and no others', async (t) => {
  const hub = new WatchHub(() => {
    t.fail();
  });
  const record = (node: string): StoredRecord =>
    ({
      key: '/core/pods/n/x',
      index: { fields: node === '' ? {} : { 'spec.nodeName': node } },
    }) as unknown as StoredRecord;
  const change = (revision: number, before: string | undefined, now: string): StoreEvent => ({
    type: 'put',
    revision: from(revision),
    record: record(now),
    ...(before === undefined ? {} : { previous: record(before) }),
  });
  const seen: string[] = [];
  const watch = (
    name: string,
    field?: { readonly name: string; readonly value: string },
  ): ReturnType<WatchHub['add']> =>
    hub.add(
      { prefix: '/core/pods/', from: from(1), history: [], ...(field === undefined ? {} : { field }) },
      on((events) => {
        seen.push(...events.map(({ revision }) => `${name}${revision}`));
      }),
    );
  const watches = [watch('all'), ...['n1', 'n2', 'n1'].map((value) => watch(value, { name: 'spec.nodeName', value }))];
  await turn();
  hub.publish([change(2, undefined, ''), change(3, '', 'n1'), change(4, 'n1', 'n1')]);
  t.deepEqual(seen.splice(0).sort(), ['all2', 'all3', 'all4', 'n13', 'n13', 'n14', 'n14']);
  hub.publish([change(5, 'n1', 'n2')]);
  t.deepEqual(seen.splice(0).sort(), ['all5', 'n15', 'n15', 'n25']);
  t.is(hub.count, 4);
  watches[1]?.close();
  hub.publish([change(6, 'n2', 'n1')]);
  t.deepEqual(seen.splice(0).sort(), ['all6', 'n16', 'n26']);
  hub.jump(from(6), { oldest: from(1), revision: from(7), eventsSince: () => [change(7, 'n1', 'n1')] });
  t.deepEqual(seen.splice(0).sort(), ['all7', 'n17', 'n27']);
  for (const one of watches) one.close();
  t.is(hub.count, 0);
});

test('where the state jumps, each watcher hears what it has not heard, once, and goes on behind it', async (t) => {
  const hub = new WatchHub((error) => {
    t.fail(String(error));
  });
  const heard = new Map<string, number[]>();
  const lost: string[] = [];
  const add = (name: string, after: number): void => {
    const seen: number[] = [];
    heard.set(name, seen);
    const events: WatchListener['events'] = (all) => seen.push(...all.map(({ revision }) => revision));
    hub.add({ prefix: '/', from: from(after), history: [] }, { events, lost: () => lost.push(name) });
  };
  for (const [name, after] of [
    ['all', 3],
    ['future', 8],
    ['far', 12],
  ] as const)
    add(name, after);
  await turn();
  const space = {
    oldest: from(5),
    revision: from(9),
    eventsSince: (_prefix: string, after: Revision) =>
      [6, 7, 8, 9].filter((at) => at > after).map((at) => event('/a', at)),
  };
  hub.jump(from(5), space);
  hub.publish([event('/a', 9), event('/a', 10), event('/a', 13)]);
  t.deepEqual(lost, []);
  t.deepEqual([...heard.values()], [[6, 7, 8, 9, 10, 13], [9, 10, 13], [13]]);
  hub.jump(from(10), { ...space, oldest: from(11), revision: from(20), eventsSince: () => [] });
  t.deepEqual(lost, ['all', 'future'], 'what they lack nobody knows');
});

test('nothing is delivered after the end of all watches, or of one that ends in its first events', async (t) => {
  const hub = new WatchHub(() => undefined);
  const seen: number[] = [];
  const note: WatchListener['events'] = (events) => seen.push(...events.map(({ revision }) => revision));
  const own = hub.add(
    { prefix: '/', from: from(2), history: [event('/a', 2)] },
    on((events) => {
      note(events);
      own.close();
    }),
  );
  hub.publish([event('/a', 3)]);
  await turn();
  t.deepEqual(seen, [2]);
  hub.add({ prefix: '/', from: from(3), history: [event('/a', 3)] }, on(note));
  hub.closeAll();
  await turn();
  hub.publish([event('/a', 4)]);
  t.deepEqual(seen, [2]);
});
