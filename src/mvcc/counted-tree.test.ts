import test from 'ava';
import { seededRandom } from '../base/index.ts';
import { emptyIndex, KeySpace, type Operation } from './index.ts';

const name = (i: number): string => `/k/${String(i).padStart(5, '0')}`;
const put = (key: string): Operation => ({
  type: 'put',
  key,
  value: new Uint8Array(1),
  revisionAt: -1,
  index: emptyIndex,
});

/** A key space whose past ends at once, beside a plain set of its keys. */
class Pair {
  readonly space = new KeySpace();
  readonly keys = new Set<string>();

  put(...keys: string[]): void {
    this.space.apply({ compares: [], operations: keys.map(put) }, 1000);
    for (const key of keys) this.keys.add(key);
  }

  remove(...keys: string[]): void {
    const operations = keys.map((key) => ({ type: 'delete', key }) as const);
    this.space.apply({ compares: [], operations }, 1000);
    for (const key of keys) this.keys.delete(key);
  }

  sweep(): void {
    this.space.compact(this.space.revision);
    while (this.space.sweep(1_000));
  }

  sorted(): string[] {
    return [...this.keys].sort();
  }

  listed(): string[] {
    return this.space.range({ prefix: '/k/' }).records.map(({ key }) => key);
  }
}

test('a tree of three levels counts, finds and lists its keys while it grows, thins out in places and shrinks', (t) => {
  for (let seed = 1; seed <= 4; seed++) {
    const random = seededRandom(seed);
    const pair = new Pair();
    const check = (): void => {
      const sorted = pair.sorted();
      t.deepEqual(pair.listed(), sorted);
      t.is(pair.space.count(''), sorted.length);
      for (const tenth of ['/k/00', '/k/03', '/k/07', '/k/09'])
        t.is(pair.space.count(tenth), sorted.filter((key) => key.startsWith(tenth)).length);
      const absent = sorted.filter((key) => pair.space.get(key)?.key !== key);
      t.deepEqual(absent, []);
    };
    for (let i = 0; i < 10_000; i += 100) pair.put(...Array.from({ length: 100 }, () => name(random.below(10_000))));
    check();
    for (let round = 0; round < 60; round++) {
      // Whole stretches go, and some keys come back into the gaps.
      const start = random.below(10_000);
      const stretch = Array.from({ length: 400 }, (_, i) => name(start + i));
      pair.remove(...stretch.filter((key) => pair.keys.has(key)));
      pair.sweep();
      pair.put(...Array.from({ length: 8 }, () => name(start + random.below(400))));
      if (round % 10 === 9) check();
    }
    for (const key of pair.sorted()) if (random.below(20) > 0) pair.remove(key);
    pair.sweep();
    check();
    pair.remove(...pair.sorted());
    pair.sweep();
    check();
  }
});
