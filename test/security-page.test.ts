import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';

const root = resolve(import.meta.dirname, '..');

test('every test that docs/security.md names is there', (t) => {
  const page = readFileSync(join(root, 'docs', 'security.md'), 'utf8');
  const named = [...page.matchAll(/`([a-z][\w/.-]*(?:\.test\.ts|\/[\w-]+))`/g)].map(([, path = '']) => path);
  t.true(named.length > 30);
  t.deepEqual(
    named.filter((path) => !existsSync(join(root, path.startsWith('test/') ? path : `src/${path}`))),
    [],
  );
});
