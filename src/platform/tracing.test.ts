import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { limits, seededRandom, silentLogger, type Trace } from '../base/index.ts';
import { createTraces, openLogger, systemClock, systemTimers, type Traces } from './index.ts';

const traceId = 'ab'.repeat(16);
const tracesOf = (log = silentLogger): Traces =>
  createTraces({ process: 'p', clock: systemClock, random: seededRandom(1), log });
const after = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    systemTimers.after(ms, resolve);
  });

test('a step is what its promises and short timers belong to, and is remembered when they end', async (t) => {
  const traces = tracesOf();
  const seen: (Trace | undefined)[] = [];
  await traces.step({ parent: { traceId, spanId: '' }, what: 'first' }, async (first) => {
    await after(1);
    seen.push(traces.current());
    t.is(traces.current(), first);
    t.deepEqual(traces.steps(traceId), [], 'it has not ended');
    traces.step({ parent: first, what: 'second', actor: 'a/b' }, () => {
      t.is(traces.current()?.actor, 'a/b');
    });
  });
  const [second, first] = traces.steps(traceId);
  t.like(first, { what: 'first', process: 'p', traceId });
  t.is(first?.parentId, undefined);
  t.like(second, { what: 'second', actor: 'a/b', parentId: first?.spanId });
  t.is(traces.current(), undefined);
  t.deepEqual(traces.steps('cd'.repeat(16)), []);
});

test('what comes back after a long time, or again and again, is part of no trace', async (t) => {
  const traces = tracesOf();
  const late = traces.step({ parent: { traceId, spanId: '' }, what: 'x' }, () => {
    const long = new Promise((resolve) => {
      systemTimers.after(limits.traceTimerMs, () => {
        resolve(traces.current());
      });
    });
    const repeated = new Promise((resolve) => {
      const timer = systemTimers.every(1, () => {
        timer.cancel();
        resolve(traces.current());
      });
    });
    return Promise.all([long, repeated]);
  });
  t.deepEqual(await late, [undefined, undefined]);
});

test('a step that fails says why, whether it throws or rejects', async (t) => {
  const traces = tracesOf();
  t.throws(
    () => {
      traces.step({ parent: { traceId, spanId: '' }, what: 'throws' }, () => {
        throw new Error('no');
      });
    },
    { message: 'no' },
  );
  await t.throwsAsync(
    traces.step({ parent: { traceId, spanId: '' }, what: 'rejects' }, () => Promise.reject(new Error('never'))),
    { message: 'never' },
  );
  t.deepEqual(
    traces.steps(traceId).map(({ what, error }) => [what, error]),
    [
      ['throws', 'no'],
      ['rejects', 'never'],
    ],
  );
});

test('only the newest steps are remembered', (t) => {
  const traces = tracesOf();
  for (let i = 0; i < limits.traceStepsMax + 5; i++)
    traces.step({ parent: { traceId, spanId: '' }, what: String(i) }, () => undefined);
  const steps = traces.steps(traceId);
  t.is(steps.length, limits.traceStepsMax);
  t.is(steps[0]?.what, '5');
  t.is(new Set(steps.map(({ spanId }) => spanId)).size, steps.length);
});

test('log lines name their request and their actor, and single actors may have another level', async (t) => {
  const file = join(await mkdtemp(join(tmpdir(), 'troupe-log-')), 'a.log');
  const log = openLogger({ file });
  const traces = tracesOf(log);
  const work = (actor: string): void => {
    traces.step({ parent: { traceId, spanId: '' }, what: 'x', actor }, () => {
      log.with({ part: 'p' }).debug(actor);
    });
  };
  work('pod/1/a/b');
  t.true(log.setLevel('pod/**', 'debug'));
  t.true(log.setLevel('pod/*/a/quiet', 'silent'));
  for (const actor of ['pod/1/a/b', 'pod/1/a/quiet', 'other/1']) work(actor);
  log.debug('of nobody');
  t.deepEqual(log.rules, [
    { pattern: 'pod/**', level: 'debug' },
    { pattern: 'pod/*/a/quiet', level: 'silent' },
  ]);
  t.true(log.setLevel('pod/**', undefined));
  work('pod/1/a/b');
  const lines = (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  t.deepEqual(
    lines.map(({ message, actor, traceId: id }) => [message, actor, id]),
    [
      ['pod/1/a/b', 'pod/1/a/b', traceId],
      ['a step of a trace', 'pod/1/a/b', traceId],
    ],
  );
});

test('only so many actors may have another level', (t) => {
  const log = openLogger({ file: '/dev/null' });
  for (let i = 0; i < limits.logRulesMax; i++) t.true(log.setLevel(`a/${i}`, 'debug'));
  t.false(log.setLevel('b', 'debug'));
  t.true(log.setLevel('a/0', 'error'), 'an old one may change');
});

test('a step remembers the beginning of a long text', (t) => {
  const traces = tracesOf();
  traces.leaf({ parent: { traceId, spanId: '' }, what: `GET /${'x'.repeat(900_000)}` }, () => undefined);
  t.is(traces.steps(traceId)[0]?.what.length, 512);
});
