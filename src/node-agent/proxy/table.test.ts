import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import test from 'ava';
import type { RunCommand } from '../network/index.ts';
import { type Table, type TableChain, tableChanges, type TableSet, tableText } from './table.ts';
import { TableWriter } from './table-writer.ts';

const table = (
  sets: Readonly<Record<string, TableSet>>,
  chains: Readonly<Record<string, TableChain>>,
  name = 'ip t',
): Table => ({ name, sets: new Map(Object.entries(sets)), chains: new Map(Object.entries(chains)) });
const verdicts = (...elements: readonly string[]): TableSet => ({
  kind: 'map',
  definition: 'type ipv4_addr : verdict',
  elements,
});
const clients: TableSet = {
  kind: 'set',
  definition: 'type ipv4_addr; size 100; flags dynamic,timeout; timeout 60s',
  elements: [],
};
const entry: TableChain = { hook: 'type filter hook output priority 0; policy accept;', rules: ['ip daddr vmap @to'] };
const one = { rules: ['counter accept'] };
const two = { rules: ['update @had { ip saddr }', 'accept'] };
const before = table({ to: verdicts('192.0.2.1 : goto a', '192.0.2.2 : goto a') }, { a: one, entry });
const after = table({ to: verdicts('192.0.2.2 : goto b'), had: clients }, { b: two, entry });

test('a change names what differs alone: additions before what names them, removals after', (t) => {
  t.deepEqual((tableChanges(before, after) ?? '').trimEnd().split('\n'), [
    `add set ip t had { ${clients.definition};  }`,
    'add chain ip t b',
    'add rule ip t b update @had { ip saddr }',
    'add rule ip t b accept',
    'delete element ip t to { 192.0.2.1 : goto a, 192.0.2.2 : goto a }',
    'add element ip t to { 192.0.2.2 : goto b }',
    'flush chain ip t a',
    'delete chain ip t a',
  ]);
  t.is(tableChanges(after, after), '');
});

test('of many elements a change names those that came, went or moved to another place in the map', (t) => {
  const of = (...elements: readonly string[]): Table => table({ to: verdicts(...elements) }, {});
  const [a, b, c, d] = ['1.1.1.1 : goto a', '1.1.1.2 : goto a', '1.1.1.3 : goto a', '1.1.1.4 : goto a'];
  t.is(tableChanges(of(a, b, c, d), of(a, c, d)), `delete element ip t to { ${b} }\n`);
  t.is(tableChanges(of(a, d), of(a, b, c, d)), `add element ip t to { ${b}, ${c} }\n`);
  t.is(tableChanges(of(a, b, d), of(a, c, d)), `delete element ip t to { ${b} }\nadd element ip t to { ${c} }\n`);
  t.is(tableChanges(of(a, b, c), of(c, b, a)), '');
  t.is(tableChanges(of(a, b), of()), `delete element ip t to { ${a}, ${b} }\n`);
});

test('another definition, hook or name asks for the whole table', (t) => {
  const sets = { to: { ...verdicts(), definition: 'type inet_service : verdict' } };
  t.is(tableChanges(before, table(sets, { a: one, entry })), undefined);
  const hook = 'type filter hook input priority 0; policy accept;';
  t.is(tableChanges(before, table({}, { a: one, entry: { ...entry, hook } })), undefined);
  t.is(tableChanges(before, { ...before, name: 'ip other' }), undefined);
});

/** A writer over a machine that notes what it was told, and refuses what `refuses` says. */
function writer(refuses: (text: string) => boolean = () => false): { writer: TableWriter; told: string[] } {
  const told: string[] = [];
  const run: RunCommand = (_command, args, text = args.join(' ')) => {
    told.push(text);
    return refuses(text) ? Promise.reject(new Error('refused')) : Promise.resolve('');
  };
  return { writer: new TableWriter(run), told };
}

test('the whole table is written first, then what differs, and nothing when nothing does', async (t) => {
  const { writer: own, told } = writer();
  await own.write(before);
  await own.write(before);
  await own.write(after);
  t.deepEqual(told, [tableText(before), tableChanges(before, after)]);
});

test('where the kernel refuses a difference the whole table takes its place', async (t) => {
  const { writer: own, told } = writer((text) => text.startsWith('add set'));
  await own.write(before);
  await own.write(after);
  t.is(told.at(-1), tableText(after));
});

test('a table that somebody took away is written again', async (t) => {
  const { writer: own, told } = writer((text) => text.startsWith('list'));
  await own.write(before);
  t.false(await own.isThere());
  await own.write(before);
  t.deepEqual(told, [tableText(before), 'list chain ip t a', tableText(before)]);
});

const nft = '/usr/sbin/nft';
const kernelProblem = (): string | undefined => {
  if (process.getuid?.() !== 0) return 'root rights are missing';
  return existsSync(nft) ? undefined : 'nft is not installed';
};

/** A network namespace of the test's own, in which commands run. */
function namespace(): { readonly run: (args: readonly string[], input?: string) => string; end(): void } {
  const name = `trp-table-${process.pid}`;
  execFileSync('ip', ['netns', 'add', name]);
  return {
    run: (args, input = '') =>
      execFileSync('nsenter', [`--net=/run/netns/${name}`, nft, ...args], { input, encoding: 'utf8' }),
    end: () => {
      execFileSync('ip', ['netns', 'del', name]);
    },
  };
}

test("the kernel's table is the same by changes as written whole, and keeps what rules wrote into sets", (t) => {
  const problem = kernelProblem();
  if (problem !== undefined) {
    t.log(`skipped: ${problem}`);
    t.pass();
    return;
  }
  const space = namespace();
  const shown = (): unknown =>
    (JSON.parse(space.run(['-j', '-s', 'list', 'table', 'ip', 't'])) as { nftables: object[] }).nftables
      .map((each) => JSON.stringify(each).replaceAll(/"handle":\d+,?/g, ''))
      .sort();
  try {
    const more = table({ ...Object.fromEntries(after.sets), x: verdicts() }, Object.fromEntries(after.chains));
    space.run(['-f', '-'], tableText(before));
    space.run(['-f', '-'], tableChanges(before, after) ?? '');
    const byChanges = shown();
    space.run(['add', 'element', 'ip', 't', 'had', '{ 198.51.100.7 }']);
    space.run(['-f', '-'], tableChanges(after, more) ?? '');
    space.run(['-f', '-'], tableChanges(more, after) ?? '');
    t.regex(space.run(['list', 'set', 'ip', 't', 'had']), /198\.51\.100\.7/);
    space.run(['-f', '-'], tableText(after));
    t.deepEqual(byChanges, shown());
  } finally {
    space.end();
  }
});
