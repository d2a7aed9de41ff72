/** Crash records of actors as JSON lines in a file of the home. */
import { readFileSync } from 'node:fs';
import { appendFile, rename, writeFile } from 'node:fs/promises';
import type { CrashRecord, CrashStore } from '../../actors/index.ts';
import { limits } from '../../base/index.ts';

/** The file is cut when it holds twice as many records as are kept. */
export function crashFile(path: string): CrashStore {
  let kept = read(path);
  return {
    load: () => kept,
    append: async (record) => {
      kept.push(record);
      if (kept.length < limits.crashRecordsMax * 2) {
        await appendFile(path, line(record), { mode: 0o600 });
        return;
      }
      kept = kept.slice(-limits.crashRecordsMax);
      await writeFile(`${path}.new`, kept.map(line).join(''), { mode: 0o600 });
      await rename(`${path}.new`, path);
    },
  };
}

function line(record: CrashRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** Ignores a last line that a killed process left half written. */
function read(path: string): CrashRecord[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return []; // Nothing has crashed yet.
  }
  return text.split('\n').flatMap((each) => {
    const record = parsed(each);
    return record === undefined ? [] : [record];
  });
}

function parsed(text: string): CrashRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'address' in value ? (value as CrashRecord) : undefined;
  } catch {
    return undefined;
  }
}
