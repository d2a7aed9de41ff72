import test from 'ava';
import { parseImageReference, sandboxExecutable } from './index.ts';

const references: readonly (readonly [string, string | undefined])[] = [
  ['nginx', 'docker.io library/nginx latest'],
  ['nginx:1.2', 'docker.io library/nginx 1.2'],
  ['team/app', 'docker.io team/app latest'],
  ['localhost:5000/app:v1', 'localhost:5000 app v1'],
  ['registry.example.com/a/b/c', 'registry.example.com a/b/c latest'],
  [`nginx@sha256:${'a'.repeat(64)}`, `docker.io library/nginx sha256:${'a'.repeat(64)}`],
  ['UPPER', undefined],
  ['a:b:c', undefined],
  ['nginx:', undefined],
  ['', undefined],
  ['bad name', undefined],
];
for (const [text, expected] of references) {
  test(`${text === '' ? 'an empty text' : text} is ${expected ?? 'no reference'}`, (t) => {
    const parsed = parseImageReference(text);
    t.is(parsed === undefined ? undefined : `${parsed.registry} ${parsed.repository} ${parsed.engineTag}`, expected);
  });
}

test('the sandbox program is a small executable for both architectures', (t) => {
  for (const [architecture, machine] of [
    ['amd64', 0x3e],
    ['arm64', 0xb7],
    ['x86_64', 0x3e],
    ['aarch64', 0xb7],
  ] as const) {
    const bytes = sandboxExecutable(architecture) ?? new Uint8Array();
    const view = new DataView(bytes.buffer);
    t.deepEqual([...bytes.subarray(0, 4)], [0x7f, 0x45, 0x4c, 0x46]);
    t.is(view.getUint16(18, true), machine);
    t.is(Number(view.getBigUint64(24, true)) - Number(view.getBigUint64(80, true)), 120);
    t.is(Number(view.getBigUint64(96, true)), bytes.length);
  }
  t.is(sandboxExecutable('riscv64'), undefined);
});
