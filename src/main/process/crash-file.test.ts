import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { limits } from '../../base/index.ts';
import { crashFile } from './crash-file.ts';

test('crash records outlive the process, a torn last line is left out, and the file stays bounded', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-crashes-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, 'crashes.jsonl');
  const record = (count: number): Parameters<ReturnType<typeof crashFile>['append']>[0] => ({
    address: 'a',
    messageType: 'wake',
    error: 'no',
    at: 1,
    count,
  });
  const first = crashFile(path);
  await first.append(record(1));
  appendFileSync(path, '{"address":"b","mess');
  const second = crashFile(path);
  t.deepEqual(second.load(), [record(1)]);
  for (let i = 2; i <= limits.crashRecordsMax * 2 + 1; i++) await second.append(record(i));
  t.true(readFileSync(path, 'utf8').split('\n').length <= limits.crashRecordsMax * 2);
  t.is(crashFile(path).load().at(-1)?.count, limits.crashRecordsMax * 2 + 1);
});
