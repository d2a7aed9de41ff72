import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { typeSchema } from '../src/api/index.ts';
import { kubeletFields } from '../src/main/process/kubelet-fields.ts';
import { loadSettings, SettingsError } from '../src/main/process/index.ts';

/** docs/node-agent.md says of every field of a pod and of a kubelet's configuration what becomes of it. */
const root = resolve(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs', 'node-agent.md'), 'utf8');
const states = ['works', 'works, or refused', 'refused', 'elsewhere', 'off', 'not applicable'];

function rowsOf(heading: string): readonly (readonly [fields: readonly string[], state: string])[] {
  const [, section = ''] = page.split(`### ${heading}\n`);
  const [table = ''] = section.split(/\n##/);
  return [...table.matchAll(/^\| (`[^|]*) \| ([^|]*) \|/gm)].map(([, fields = '', state = '']) => [
    [...fields.matchAll(/`(\w+)`/g)].map(([, field = '']) => field),
    state.trim(),
  ]);
}

const namesIn = (text: string): readonly string[] => [...text.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
const fieldsOf = (type: string): readonly string[] => [...typeSchema(`core/v1.${type}`).fields.keys()].sort();
/** What runs on a node. */
const agent = globSync('src/node-agent/**/*.ts', { cwd: root })
  .filter((file) => !/\.(test|suite|fixture)\.ts$/.test(file))
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n');
const used = (field: string): boolean => new RegExp(`\\b${field}\\b`).test(agent);

for (const type of ['PodSpec', 'Container', 'PodSecurityContext', 'SecurityContext', 'Volume'])
  test(`every field of ${type} has a row, once, with a state; what works is used by the agent`, (t) => {
    const rows = rowsOf(type);
    t.deepEqual(rows.flatMap(([fields]) => fields).sort(), fieldsOf(type));
    for (const [fields, state] of rows) {
      t.true(states.includes(state), `${fields.join()}: ${state}`);
      if (state.startsWith('works'))
        t.deepEqual(
          fields.filter((field) => !used(field)),
          [],
        );
    }
  });

test('every field of the types within a pod is there, and what works is used by the agent', (t) => {
  const [, section = ''] = page.split('### Types within\n');
  const rows = [...(section.split(/\n##/)[0] ?? '').matchAll(/^\| (\w+) \| ([^|]*) \| ([^|]*)\|$/gm)].slice(1);
  t.true(rows.length > 15);
  for (const [, type = '', works = '', rest = ''] of rows) {
    t.deepEqual([...namesIn(works), ...namesIn(rest)].sort(), fieldsOf(type), type);
    t.deepEqual(
      namesIn(works).filter((field) => !used(field)),
      [],
      type,
    );
  }
});

/** The rows about a KubeletConfiguration: its fields, and what becomes of them. */
const kubeletRows = [...(page.split('| of a KubeletConfiguration |')[1] ?? '').matchAll(/^\| ([^|]*) \| ([^|]*) \|/gm)]
  .map(([, fields = '', state = '']) => ({ fields: namesIn(fields), state }))
  .filter(({ fields }) => kubeletFields.includes(fields[0] ?? ''));

test("every field of a KubeletConfiguration has a row, once, and the node's settings do what it says", (t) => {
  t.deepEqual(kubeletRows.flatMap(({ fields }) => fields).sort(), [...kubeletFields].sort());
  const defaultsFile = join(root, 'config', 'defaults.yaml');
  const { node } = parse(readFileSync(defaultsFile, 'utf8')) as { readonly node: Readonly<Record<string, unknown>> };
  const folder = mkdtempSync(join(tmpdir(), 'troupe-kubelet-'));
  const file = join(folder, 'config.yaml');
  const load = (field: string): void => {
    const value = field === 'maxPods' ? 55 : (node[field] ?? 'x');
    writeFileSync(file, JSON.stringify({ node: { [field]: value } }));
    loadSettings(defaultsFile, file);
  };
  for (const { fields, state } of kubeletRows) {
    t.true(['works', 'other name', 'always so', 'refused'].includes(state), state);
    for (const field of fields)
      if (state === 'works') t.notThrows(() => load(field), field);
      else
        t.throws(() => load(field), {
          instanceOf: SettingsError,
          message: `${file}: node.${field} of a kubelet is no setting here; docs/node-agent.md says what stands for it`,
        });
  }
  rmSync(folder, { recursive: true });
});

test('what the page names of the settings of a node exists', (t) => {
  const defaults = readFileSync(join(root, 'config', 'defaults.yaml'), 'utf8');
  const [, node = ''] = defaults.split(/^node:$/m);
  const [, section = ''] = page.split("## A kubelet's configuration\n");
  const named = [...section.matchAll(/`node\.(\w+)`/g)].map(([, name = '']) => name);
  t.true(named.length > 5);
  for (const name of named) t.regex(node, new RegExp(`^ {2}${name}:`, 'm'));
});
