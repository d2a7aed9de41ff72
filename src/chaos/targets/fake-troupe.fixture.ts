/** A `troupe` program for tests: it notes what it was asked in a file, and does to homes what the real one would. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TroupeCommand } from './troupe-home.ts';

const program = `
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
const here = dirname(process.argv[1]);
const home = process.env.TROUPE_HOME;
const words = process.argv.slice(2);
const asked = words.join(' ');
appendFileSync(join(here, 'asked'), basename(home) + ': ' + asked + '\\n');
const failing = existsSync(join(here, 'failing')) ? readFileSync(join(here, 'failing'), 'utf8') : '';
if (failing !== '' && asked.startsWith(failing)) {
  process.stderr.write('it is told to fail');
  process.exit(1);
}
const voters = join(here, 'voters');
const known = existsSync(voters) ? readFileSync(voters, 'utf8').split(' ') : [];
const begin = (name) => {
  mkdirSync(join(home, 'run'), { recursive: true });
  const note = { role: 'member', name, pid: process.ppid, url: 'https://127.0.0.1:1', startedAt: '' };
  writeFileSync(join(home, 'run', 'member-' + name + '.json'), JSON.stringify(note));
  writeFileSync(voters, [...known, name].join(' '));
};
if (words[0] === 'init') begin('member-1');
if (words[0] === 'join') begin(words[words.indexOf('--name') + 1]);
if (asked.startsWith('token create')) console.log('troupe join 192.0.2.1:6443 --role member --token t --ca-hash h');
if (asked.startsWith('member remove')) writeFileSync(voters, known.filter((name) => name !== words[2]).join(' '));
if (asked === 'down --purge') rmSync(home, { recursive: true });
if (asked.startsWith('member list')) console.log(JSON.stringify(known.map((name) => ({ name, role: 'voter' }))));
`;

interface FakeTroupe {
  readonly command: TroupeCommand;
  /** A folder for homes. */
  readonly folder: string;
  /** What it was asked, each with the folder of the home. */
  readonly asked: () => readonly string[];
  /** Lets commands fail that begin like this. */
  readonly fail: (words: string) => void;
}

export function fakeTroupe(): FakeTroupe {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-fake-'));
  const file = join(folder, 'troupe.mjs');
  writeFileSync(file, program);
  return {
    command: { program: [process.execPath, file], env: {} },
    folder,
    asked: () => readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n'),
    fail: (words) => {
      writeFileSync(join(folder, 'failing'), words);
    },
  };
}
