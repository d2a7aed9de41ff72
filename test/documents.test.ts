import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import test from 'ava';
import { asyncapiDocument } from '../scripts/documents/asyncapi.ts';
import { grafanaDocument, metricsOf } from '../scripts/documents/grafana.ts';
import { objectTypes } from '../scripts/object-types.ts';
import { typeSchemas } from '../scripts/documents/type-schemas.ts';
import { staleDocuments } from '../scripts/documents.ts';
import { metricTable } from '../src/base/index.ts';

const root = resolve(import.meta.dirname, '..');

test('documents that are made from the source are as the source makes them', (t) => {
  t.deepEqual(staleDocuments(), [], 'run node scripts/documents.ts');
});

test('types of stored objects are as the schema tables make them, a file for each table', (t) => {
  const folder = join(root, 'src', 'api', 'objects', 'generated');
  const files = globSync('*.ts', { cwd: folder }).map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
  t.deepEqual(Object.fromEntries(files), objectTypes(), 'run node scripts/object-types.ts');
  const index = readFileSync(join(folder, '..', 'index.ts'), 'utf8');
  for (const [name] of files) t.true(index.includes(`from './generated/${name}'`), `objects/index.ts exports ${name}`);
});

/** Paths of the repository as a page names them; those with a placeholder stand for several. */
const namedPath = /(?<![\w/.-])(?:src|test|scripts|config|dashboard|benchmarks|examples|docs)\/[\w./<>{}*-]*[\w>*}/]/g;

test('every relative link and every path that a page names leads to a file or folder', (t) => {
  const pages = [...globSync('docs/**/*.md', { cwd: root }), 'README.md', 'CHANGELOG.md'];
  const problems: string[] = [];
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8');
    const links = [...text.matchAll(/\]\(([^)\s#]+)[^)\s]*\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^[a-z]+:/.test(link))
      .map((link) => join(dirname(page), link));
    const paths = [...text.matchAll(namedPath)].map(([path]) => path).filter((path) => !/[<>{}*]/.test(path));
    for (const path of [...links, ...paths])
      if (!existsSync(join(root, path))) problems.push(`${page}: ${path} does not exist`);
  }
  t.deepEqual(problems, []);
});

test('the list of pages leads to each of them', (t) => {
  const list = readFileSync(join(root, 'docs', 'README.md'), 'utf8');
  const pages = globSync('*.md', { cwd: join(root, 'docs') }).filter((page) => page !== 'README.md');
  t.deepEqual(
    pages.filter((page) => !list.includes(`](${page})`)),
    [],
  );
});

test('the walks name files of the folders that they lead through', (t) => {
  const named = [...readFileSync(join(root, 'docs', 'walks.md'), 'utf8').matchAll(/`([a-z][a-z/-]*\.ts)`/g)];
  const files = globSync('src/**/*.ts', { cwd: root });
  t.true(named.length > 50);
  for (const [, file = ''] of named)
    t.true(
      files.some((name) => `/${name}`.endsWith(`/${file}`)),
      file,
    );
});

test('the table of metrics names what the source counts, no more and no less, with its type', (t) => {
  const types = { count: 'counter', gauge: 'gauge', observe: 'histogram' } as const;
  const used = new Map<string, string>();
  for (const file of globSync('src/**/*.ts', { cwd: root }).filter(
    (name) => !/\.(test|suite|fixture)\.ts$/.test(name),
  )) {
    for (const [, method = '', name = ''] of readFileSync(join(root, file), 'utf8').matchAll(
      /(count|gauge|observe)\('([a-z]+_[a-z_]+)'/g,
    ))
      used.set(name, types[method as keyof typeof types]);
  }
  t.deepEqual(
    Object.fromEntries([...used].sort()),
    Object.fromEntries(metricTable.map(({ name, type }) => [name, type] as const).sort()),
  );
  for (const { name, type, unit, help } of metricTable) {
    t.is(name.endsWith('_total'), type === 'counter', name);
    if (unit !== undefined) t.regex(name, new RegExp(`_${unit}(_total)?$`));
    t.regex(help, /^[A-Z1].*\.$/);
  }
});

test('queries of the Grafana dashboard name existing metrics and labels', (t) => {
  const { panels } = JSON.parse(grafanaDocument()) as {
    panels: {
      readonly id: number;
      readonly type: string;
      readonly targets?: { readonly expr: string; readonly legendFormat: string }[];
    }[];
  };
  const series = new Map(
    metricTable.flatMap((facts) =>
      (facts.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']).map(
        (end) => [`${facts.name}${end}`, facts] as const,
      ),
    ),
  );
  const given = ['job', 'instance', 'le'];
  for (const { expr, legendFormat } of panels.flatMap(({ targets = [] }) => targets)) {
    const named = metricsOf(expr);
    t.true(named.length > 0, expr);
    for (const name of named) t.true(series.has(name), `${name} of ${expr}`);
    const labels = [...given, ...named.flatMap((name) => series.get(name)?.labels ?? [])];
    for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
      t.true(labels.includes(label), `${label} of ${expr}`);
    for (const [, by = ''] of expr.matchAll(/by \(([^)]*)\)/g))
      for (const label of by.split(', ')) t.true(labels.includes(label), `${label} of ${expr}`);
  }
  t.is(new Set(panels.map(({ id }) => id)).size, panels.length);
});

test('the AsyncAPI document is whole: every reference leads somewhere, every part is used', (t) => {
  interface Operation {
    readonly action: string;
    readonly channel: { readonly $ref: string };
    readonly reply?: { readonly channel: { readonly $ref: string } };
  }
  const document = JSON.parse(asyncapiDocument()) as {
    asyncapi: string;
    channels: Record<string, { address: string | null; messages: object; parameters?: object }>;
    operations: Record<string, Operation>;
    components: { schemas: object; messages: object };
  };
  t.is(document.asyncapi, '3.0.0');
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
  for (const path of refs)
    t.not(
      path
        .split('/')
        .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], document),
      undefined,
      path,
    );
  for (const [place, parts] of [
    ['components/schemas', document.components.schemas],
    ['components/messages', document.components.messages],
  ] as const) {
    for (const name of Object.keys(parts))
      t.true(
        refs.includes(`${place}/${name}`) || name === 'ApiVerb' || name === 'RegisteredParticipant',
        `${place}/${name} is used`,
      );
  }
  for (const { action, channel } of Object.values(document.operations))
    t.true(['send', 'receive'].includes(action) && channel.$ref.startsWith('#/channels/'));
  t.is(document.channels['events']?.address, 'troupe.{cluster}.events.{group}.{resource}.{namespace}.{name}');
  t.deepEqual(Object.keys(document.channels['actor']?.parameters ?? {}), [
    'cluster',
    'kind',
    'shard',
    'namespace',
    'name',
  ]);
});

test('schemas are read from types with their comments; what cannot be read is an error', (t) => {
  const source = [
    '/** A thing. */',
    'export interface Thing {',
    '  /** Its name. */',
    '  readonly name: string;',
    "  readonly tags?: readonly ('a' | 'b')[];",
    '  readonly more: Readonly<Record<string, number | Other>>;',
    '  readonly kind: Kind;',
    '}',
    'export type Kind = (typeof kinds)[number];',
  ].join('\n');
  t.deepEqual(typeSchemas(source, { kinds: ['x', 'y'] }), {
    Thing: {
      description: 'A thing.',
      type: 'object',
      required: ['name', 'more', 'kind'],
      properties: {
        name: { description: 'Its name.', type: 'string' },
        tags: { type: 'array', items: { type: 'string', enum: ['a', 'b'] } },
        more: {
          type: 'object',
          additionalProperties: { oneOf: [{ type: 'number' }, { $ref: '#/components/schemas/Other' }] },
        },
        kind: { $ref: '#/components/schemas/Kind' },
      },
    },
    Kind: { type: 'string', enum: ['x', 'y'] },
  });
  for (const odd of ['{ a: keyof Y }', '{ a: `x` }', '{ a(): string }', '{ [key: string]: string }'])
    t.throws(() => typeSchemas(`export interface X ${odd}`), { instanceOf: SyntaxError }, odd);
});
