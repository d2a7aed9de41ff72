import { Readable } from 'node:stream';
import test from 'ava';
import { SimulatedTime } from '../../../platform/index.ts';
import { RuntimeError } from '../runtime.ts';
import type { DockerConnection } from './docker-connection.ts';
import { logLimits } from '../log-limits.ts';
import { containerCalls } from './docker-containers.ts';
import { followDockerEvents } from './docker-events.ts';
import { engineFacts } from './docker-facts.ts';
import { imageCalls } from './docker-images.ts';
import { ensureNetwork } from './docker-networks.ts';
import { dockerOutput } from './docker-streams.ts';

type Answers = Readonly<Record<string, unknown>>;

/** An engine with one answer for each call; an error is thrown. Notes what it was asked. */
function engine(answers: Answers): { readonly connection: DockerConnection; readonly asked: string[] } {
  const asked: string[] = [];
  const answer = (method: string, path: string): Promise<never> => {
    const call = `${method} ${path}`;
    asked.push(call);
    const found = answers[call] ?? new RuntimeError('not-found', `no ${call}`);
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found as never);
  };
  const connection: DockerConnection = {
    call: answer,
    stream: answer,
    hijack: (path) => answer('POST', path),
    close: () => undefined,
  };
  return { connection, asked };
}

const inspected = (id: string, state: object): object => ({
  Id: id,
  Name: `/${id}`,
  Created: '2026-01-01T00:00:00Z',
  Image: 'sha256:i',
  Config: { Image: 'web:1', Labels: { a: 'b' }, Tty: false },
  State: {
    Status: 'exited',
    Running: false,
    OOMKilled: false,
    Pid: 0,
    ExitCode: 0,
    Error: '',
    StartedAt: '0001-01-01T00:00:00Z',
    FinishedAt: '0001-01-01T00:00:00Z',
    ...state,
  },
});

test('a summary of many containers is one call; only those that may have failed to start are looked at', async (t) => {
  const { connection, asked } = engine({
    'GET /containers/json': [
      { Id: 'r', ImageID: 'sha256:i', State: 'running', Labels: { a: 'b' } },
      { Id: 'p', ImageID: 'sha256:i', State: 'paused', Labels: null },
      { Id: 'd', ImageID: 'sha256:i', State: 'dead', Labels: null },
      { Id: 'f', ImageID: 'sha256:i', State: 'created', Labels: null },
      { Id: 'gone', ImageID: 'sha256:i', State: 'created', Labels: null },
    ],
    'GET /containers/f/json': inspected('f', { Status: 'created', ExitCode: 127, Error: 'no such file' }),
  });
  const found = await containerCalls(connection, { logs: logLimits({}) }).summaries({ a: '' });
  t.deepEqual(
    found.map(({ id, state }) => [id, state]),
    [
      ['r', 'running'],
      ['p', 'running'],
      ['d', 'exited'],
      ['f', 'exited'],
    ],
  );
  t.deepEqual(asked, ['GET /containers/json', 'GET /containers/f/json', 'GET /containers/gone/json']);
});

test('a container that runs has no end, one that never ran no start', async (t) => {
  const { connection } = engine({
    'GET /containers/r/json': inspected('r', { Running: true, Pid: 7, StartedAt: '2026-01-01T00:00:01Z' }),
    'GET /containers/c/json': inspected('c', { Status: 'created' }),
  });
  const calls = containerCalls(connection, { logs: logLimits({}) });
  t.like(await calls.inspect('r'), { state: 'running', processId: 7, name: 'r', labels: { a: 'b' } });
  t.is((await calls.inspect('r'))?.exitCode, undefined);
  t.like(await calls.inspect('c'), { state: 'created', startedAt: undefined });
  t.is(await calls.inspect('x'), undefined);
});

test('removing what is gone or being removed succeeds; stopping what is gone says so', async (t) => {
  const { connection } = engine({ 'DELETE /containers/busy': new RuntimeError('conflict', 'already in progress') });
  const calls = containerCalls(connection, { logs: logLimits({}) });
  await t.notThrowsAsync(calls.remove('busy'));
  await t.notThrowsAsync(calls.remove('gone'));
  t.false(await calls.stop('gone', 1000));
});

test('an engine that is away is told apart from a program that cannot run', async (t) => {
  const { connection } = engine({
    'POST /containers/a/start': new RuntimeError('unreachable', 'away'),
    'POST /containers/b/start': new RuntimeError('failed', 'exec format error'),
  });
  const calls = containerCalls(connection, { logs: logLimits({}) });
  await t.throwsAsync(calls.start('a'), { code: 'unreachable' });
  await t.throwsAsync(calls.start('b'), { code: 'cannot-run' });
});

test('why a pull failed follows from the text of its error line', async (t) => {
  const time = new SimulatedTime();
  for (const [text, code] of [
    ['manifest for web:2 not found: manifest unknown', 'image-not-found'],
    ['pull access denied', 'unauthorized'],
    ['dial tcp: lookup registry: no such host', 'registry-unreachable'],
    ['disk is full', 'failed'],
  ] as const) {
    const lines = Readable.from([`${JSON.stringify({ errorDetail: { message: text } })}\n`]);
    const { connection } = engine({ 'POST /images/create': lines });
    await t.throwsAsync(imageCalls(connection, time).pull('web:2'), { code, message: text });
  }
});

test('an engine that babbles fails the pull, and its events begin anew', async (t) => {
  const time = new SimulatedTime();
  for (const nonsense of ['<html>\n', 'null\n', 'x'.repeat(2 ** 21)]) {
    const { connection } = engine({ 'POST /images/create': Readable.from(['{"status":"Pulling"}\n', nonsense]) });
    await t.throwsAsync(imageCalls(connection, time).pull('web:2'), { code: 'failed', message: /is no JSON/ });
  }
  const seen: string[] = [];
  const streams = ['{"Action":"start","Actor":{"ID":"a"}}\n<html>\n', '{"Action":"start","Actor":{"ID":"b"}}\n'];
  const { connection } = engine({});
  const events = followDockerEvents({
    connection: { ...connection, stream: () => Promise.resolve(Readable.from([streams.shift() ?? '']) as never) },
    timers: time,
    labels: {},
    listener: (event) => seen.push('id' in event ? event.id : event.type),
  });
  for (let i = 0; i < 5; i++) await time.run(1_000);
  events.close();
  t.deepEqual(seen.slice(0, 5), ['connected', 'a', 'disconnected', 'connected', 'b']);
});

test('a network with another range is left alone while pods are linked to it', async (t) => {
  const spec = { name: 'n', bridge: 'b', subnet: '10.1.0.0/16', gateway: '10.1.0.1', labels: {} };
  const { connection, asked } = engine({
    'GET /networks/n': { IPAM: { Config: [{ Subnet: '10.2.0.0/16' }] } },
    'GET /containers/json': [{ Id: 'pod' }],
  });
  await t.throwsAsync(ensureNetwork(connection, spec), { code: 'conflict' });
  t.false(asked.some((call) => call.startsWith('DELETE')));
});

test('frames of stdout and stderr are told apart, wherever the stream is cut', async (t) => {
  const bytes = Buffer.concat([
    Buffer.from([1, 0, 0, 0, 0, 0, 0, 3]),
    Buffer.from('out'),
    Buffer.from([2, 0, 0, 0, 0, 0, 0, 3]),
    Buffer.from('err'),
  ]);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const text = { stdout: '', stderr: '' };
    const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)].filter(({ length }) => length > 0);
    for await (const { stream, data } of dockerOutput(Readable.from(pieces), false))
      text[stream] += Buffer.from(data).toString();
    t.deepEqual(text, { stdout: 'out', stderr: 'err' }, `cut at ${cut}`);
  }
});

test('what the engine enforces is among its facts', async (t) => {
  const facts = (SecurityOptions: readonly string[] | null): ReturnType<typeof engineFacts> =>
    engineFacts(engine({ 'GET /info': { SecurityOptions } }).connection);
  const options = ['name=apparmor', 'name=seccomp,profile=builtin'];
  t.like(await facts(options), { appArmor: true, seLinux: false });
  t.like(await facts(['name=selinux']), { appArmor: false, seLinux: true });
  t.like(await facts(null), { appArmor: false, seLinux: false });
});

test('the engine says where images and writable layers lie', async (t) => {
  const answer = { SecurityOptions: null, DockerRootDir: '/mnt/docker' };
  t.is((await engineFacts(engine({ 'GET /info': answer }).connection)).storageFolder, '/mnt/docker');
});
