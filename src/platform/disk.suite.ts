import test from 'ava';
import { type Disk, DiskError } from '../base/index.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** What every Disk promises; `open` gives a disk and an empty folder on it. */
export function diskSuite(name: string, open: () => Promise<{ readonly disk: Disk; readonly folder: string }>): void {
  test(`${name} writes gathered chunks at a position and reads them back`, async (t) => {
    const { disk, folder } = await open();
    const file = await disk.open(`${folder}/a`, 'create');
    await file.write([bytes('hello '), new Uint8Array(0), bytes('world')], 0);
    await file.write([bytes('W')], 6);
    await file.dataSync();
    t.is(text(await file.read(0, 100)), 'hello World');
    t.is(text(await file.read(6, 2)), 'Wo');
    t.is(await file.size(), 11);
    t.is((await file.read(11, 5)).length, 0);
    await file.close();
  });

  test(`${name} fills a gap before a far write with zeros`, async (t) => {
    const { disk, folder } = await open();
    const file = await disk.open(`${folder}/gap`, 'create');
    await file.write([bytes('end')], 1000);
    t.deepEqual([...(await file.read(998, 5))], [0, 0, 101, 110, 100]);
    await file.close();
  });

  test(`${name} writes large chunks whole`, async (t) => {
    const { disk, folder } = await open();
    const file = await disk.open(`${folder}/large`, 'create');
    const chunks = Array.from({ length: 1500 }, (_, position) => new Uint8Array(200).fill(position % 251));
    await file.write(chunks, 0);
    t.is(await file.size(), 300_000);
    t.is((await file.read(1400 * 200, 1))[0], 1400 % 251);
    await file.close();
  });

  test(`${name} truncates, and create empties a file that exists`, async (t) => {
    const { disk, folder } = await open();
    const file = await disk.open(`${folder}/b`, 'create');
    await file.write([bytes('abcdef')], 0);
    await file.truncate(2);
    t.is(text(await file.read(0, 10)), 'ab');
    await file.close();
    const again = await disk.open(`${folder}/b`, 'create');
    t.is(await again.size(), 0);
    await again.close();
  });

  test(`${name} lists names sorted, renames over an existing file and removes`, async (t) => {
    const { disk, folder } = await open();
    for (const name of ['c', 'a', 'b']) await (await disk.open(`${folder}/${name}`, 'create')).close();
    t.deepEqual(await disk.list(folder), ['a', 'b', 'c']);
    await disk.rename(`${folder}/c`, `${folder}/b`);
    await disk.remove(`${folder}/a`);
    await disk.syncFolder(folder);
    t.deepEqual(await disk.list(folder), ['b']);
    t.deepEqual(await disk.list(`${folder}/none`), []);
  });

  test(`${name} says not-found for a missing file`, async (t) => {
    const { disk, folder } = await open();
    for (const attempt of [
      disk.open(`${folder}/x`, 'read'),
      disk.open(`${folder}/x`, 'write'),
      disk.remove(`${folder}/x`),
      disk.rename(`${folder}/x`, `${folder}/y`),
    ]) {
      const error = await t.throwsAsync(() => attempt, { instanceOf: DiskError });
      t.is(error.code, 'not-found');
      t.false(error.retryable);
    }
  });
}
