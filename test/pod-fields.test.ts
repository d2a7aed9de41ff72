import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { typeSchema } from '../src/api/index.ts';

/** docs/node-agent.md says of every field of a pod what the node makes of it, and of no other. */
const root = resolve(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs', 'node-agent.md'), 'utf8');
const states = ['works', 'works, or refused', 'elsewhere', 'off', 'not applicable'];

function rowsOf(heading: string): readonly (readonly [fields: readonly string[], state: string])[] {
  const [, section = ''] = page.split(`### ${heading}\n`);
  const [table = ''] = section.split(/\n##/);
  return [...table.matchAll(/^\| (`[^|]*) \| ([^|]*) \|/gm)].map(([, fields = '', state = '']) => [
    [...fields.matchAll(/`(\w+)`/g)].map(([, field = '']) => field),
    state.trim(),
  ]);
}

for (const type of ['PodSpec', 'Container', 'PodSecurityContext', 'SecurityContext'])
  test(`every field of ${type} has a row, once, with a state`, (t) => {
    const rows = rowsOf(type);
    const schema = typeSchema(`core/v1.${type}`);
    t.deepEqual(rows.flatMap(([fields]) => fields).sort(), [...schema.fields.keys()].sort());
    for (const [fields, state] of rows) t.true(states.includes(state), `${fields.join()}: ${state}`);
  });

test('what the page names of the settings of a node exists', (t) => {
  const defaults = readFileSync(join(root, 'config', 'defaults.yaml'), 'utf8');
  const [, node = ''] = defaults.split(/^node:$/m);
  const [, section = ''] = page.split("## A kubelet's configuration\n");
  const named = [...section.matchAll(/`node\.(\w+)`/g)].map(([, name = '']) => name);
  t.true(named.length > 5);
  for (const name of named) t.regex(node, new RegExp(`^ {2}${name}:`, 'm'));
});
