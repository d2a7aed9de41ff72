import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { homeAt, lives, makeHome, type ProcessNote, readNotes, runsWith, writeNote } from './home.ts';

test('a note stands for its process as long as that lives, and never for another that was given its pid', (t) => {
  const home = homeAt(mkdtempSync(join(tmpdir(), 'troupe-home-')));
  makeHome(home);
  writeNote(home, { role: 'member', name: 'member-1', pid: process.pid, startedAt: '' });
  const [note] = readNotes(home) as [ProcessNote];
  t.true(lives(note));
  t.false(lives({ ...note, pid: 1 }));
  t.false(lives({ ...note, pid: 2 ** 22 + 1 }));
  const file = join(home.run, 'member-member-1.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"born":"[^/]*/, '"born":"another-boot'));
  t.deepEqual(readNotes(home).map(lives), [false]);
});

test('a process is known by a file among its arguments, by whatever path it was named', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-home-'));
  const [file, copy] = [join(folder, 'program.mjs'), join(folder, 'copy', 'program.mjs')];
  mkdirSync(join(folder, 'copy'));
  for (const each of [file, copy]) writeFileSync(each, 'setInterval(() => undefined, 1000);');
  symlinkSync(folder, join(folder, 'link'));
  const child = spawn(process.execPath, [file]);
  const pid = child.pid ?? 0;
  t.true(runsWith(pid, file));
  t.true(runsWith(pid, join(folder, 'link', 'program.mjs')));
  t.false(runsWith(pid, copy));
  t.false(runsWith(process.pid, file));
  child.kill('SIGKILL');
});
