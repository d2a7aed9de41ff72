/** The file of the keys that wrap data keys, the newest first. */
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, statSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { writePrivate } from '../process/index.ts';

/** A key that wraps data keys. */
interface WrappingKey {
  readonly name: string;
  /** 32 bytes, in base64. */
  readonly secret: string;
}

const secretBytes = 32;

/** Throws an Error that says what is wrong with the file. */
export function readKeysFile(file: string): readonly WrappingKey[] {
  const refuse = (what: string): never => {
    throw new Error(
      `${file}: ${what}; expected {"keys": [{"name": …, "secret": base64 of 32 bytes}]}, the newest first`,
    );
  };
  if ((statSync(file).mode & 0o077) !== 0) refuse('others may read it (its mode must be 0600)');
  const { keys } = JSON.parse(readFileSync(file, 'utf8')) as { readonly keys?: unknown };
  if (!Array.isArray(keys) || keys.length === 0) return refuse('it has no keys');
  const names = new Set<string>();
  for (const key of keys as readonly Partial<WrappingKey>[]) {
    if (typeof key.name !== 'string' || key.name === '' || names.has(key.name))
      refuse('each key needs a name of its own');
    if (typeof key.secret !== 'string' || Buffer.from(key.secret, 'base64').length !== secretBytes)
      refuse(`the secret of ${String(key.name)} is not 32 bytes in base64`);
    names.add(String(key.name));
  }
  return keys as readonly WrappingKey[];
}

/** Makes the file with a first key unless it exists. Of members that start together one makes it, and all use that. */
export function ensureKeysFile(file: string): void {
  if (existsSync(file)) return;
  const mine = `${file}.${String(process.pid)}`;
  write(mine, [newKey([])]);
  try {
    linkSync(mine, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Puts a new key first. Returns its name. */
export function newKeyFirst(file: string): string {
  const keys = readKeysFile(file);
  const made = newKey(keys);
  write(file, [made, ...keys]);
  return made.name;
}

/** Keeps only the first key. Returns the names of the dropped ones. */
export function dropOldKeys(file: string): readonly string[] {
  const [first, ...old] = readKeysFile(file);
  if (first !== undefined) write(file, [first]);
  return old.map(({ name }) => name);
}

function newKey(known: readonly WrappingKey[]): WrappingKey {
  const highest = Math.max(0, ...known.map(({ name }) => Number(/^key-(\d+)$/.exec(name)?.[1] ?? 0)));
  return { name: `key-${String(highest + 1)}`, secret: randomBytes(secretBytes).toString('base64') };
}

function write(file: string, keys: readonly WrappingKey[]): void {
  // A store may be restored into a home that has nothing yet.
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writePrivate(file, `${JSON.stringify({ keys }, null, 2)}\n`);
}
