import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import type { Timers } from '../../base/index.ts';
import { systemTimers } from '../../platform/index.ts';
import type { Container } from '../../api/index.ts';
import type { ContainerRuntime } from '../runtime/index.ts';
import { runHandler, runHook } from './index.ts';
import type { ProbeOutcome } from './probe-state.ts';

/** Probes a server that answers so, or has it as a hook. */
async function probed(
  t: ExecutionContext,
  listener: RequestListener,
  path = '/',
  ask = runHandler,
): Promise<ProbeOutcome> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const runtime: Pick<ContainerRuntime, 'exec'> = { exec: () => Promise.reject(new Error('no container')) };
  const container: Container = { name: 'c', resources: {} };
  const target = { containerId: 'x', container, podIp: '127.0.0.1' };
  return ask({ runtime, timers: systemTimers }, target, { httpGet: { port, path } }, 500);
}

test('a probe over HTTP passes with a status below 400', async (t) => {
  t.deepEqual(await probed(t, (_request, response) => response.writeHead(204).end()), { passed: true, message: '' });
  const message = 'HTTP probe failed with statuscode: 503';
  t.deepEqual(await probed(t, (_request, response) => response.writeHead(503).end()), { passed: false, message });
});

test('a redirect on the same host is followed to its verdict, and not for ever', async (t) => {
  const outcome = await probed(
    t,
    ({ url }, response) => {
      if (url === '/ready?a=1') response.writeHead(302, { Location: '/end' }).end();
      else response.writeHead(500).end();
    },
    '/ready?a=1',
  );
  t.deepEqual(outcome, { passed: false, message: 'HTTP probe failed with statuscode: 500' });
  const circle = await probed(t, (_request, response) => response.writeHead(302, { Location: '/' }).end());
  t.regex(circle.message, /stopped after 10 redirects/);
});

test('a redirect to elsewhere is not followed: it passes with a warning', async (t) => {
  const outcome = await probed(t, (_request, response) =>
    response.writeHead(302, { Location: 'http://192.0.2.1/' }).end('over there'),
  );
  t.deepEqual(outcome, {
    passed: true,
    message: '',
    warning: 'Probe terminated redirects, Response body: over there',
  });
});

test('a server that does not answer in time fails the probe', async (t) => {
  const { passed, message } = await probed(t, () => undefined);
  t.false(passed);
  t.regex(message, /context deadline exceeded/);
});

test('a hook over HTTP has done its part with any answer, and fails without one', async (t) => {
  const agents: (string | undefined)[] = [];
  const outcome = await probed(
    t,
    ({ headers }, response) => {
      agents.push(headers['user-agent']);
      response.writeHead(404).end();
    },
    '/',
    runHook,
  );
  t.deepEqual(outcome, { passed: true, message: '' });
  t.deepEqual(agents, ['kube-lifecycle/1.33']);
  const { passed, message } = await probed(t, (_request, response) => response.destroy(), '/', runHook);
  t.false(passed);
  t.regex(message, /^Get "http:/);
});

test('a hook over HTTPS of a server that speaks HTTP is asked so, without its credentials, and says it', async (t) => {
  const asked: (string | undefined)[] = [];
  const server = createServer(({ url, headers }, response) => {
    asked.push(url, headers['x-from'] as string, headers.authorization);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const runtime: Pick<ContainerRuntime, 'exec'> = { exec: () => Promise.reject(new Error('no container')) };
  const target = { containerId: 'x', container: { name: 'c', resources: {} }, podIp: '127.0.0.1' };
  const httpHeaders = [
    { name: 'X-From', value: 'pod' },
    { name: 'Authorization', value: 'Bearer secret' },
  ];
  const httpGet = { port, path: '/end?a=1', scheme: 'HTTPS' as const, httpHeaders };
  const ports = { runtime, timers: systemTimers };
  t.deepEqual(await runHook(ports, target, { httpGet }, 2000), {
    passed: true,
    message: '',
    warning: `request to HTTPS lifecycle hook 127.0.0.1:${port} got HTTP response, retry with HTTP succeeded`,
  });
  t.deepEqual(asked, ['/end?a=1', 'pod', undefined]);
  t.false((await runHandler(ports, target, { httpGet }, 2000)).passed, 'a probe is not asked so');
});

test('what a container cannot be asked is neither a pass nor a failure of the probe', async (t) => {
  const runtime: Pick<ContainerRuntime, 'exec'> = { exec: () => Promise.reject(new Error('the engine is away')) };
  const target = { containerId: 'x', container: { name: 'c', resources: {} }, podIp: '127.0.0.1' };
  const ports = { runtime, timers: systemTimers };
  t.deepEqual(await runHandler(ports, target, { exec: { command: ['ls'] } }, 1000), {
    passed: false,
    unknown: true,
    message: 'the engine is away',
  });
  t.true((await runHandler(ports, target, { httpGet: { port: 'web' } }, 1000)).unknown);
});

test('a hook that sleeps longer than there is time ends with the time', async (t) => {
  const runtime: Pick<ContainerRuntime, 'exec'> = { exec: () => Promise.reject(new Error('no container')) };
  const target = { containerId: 'x', container: { name: 'c', resources: {} }, podIp: '127.0.0.1' };
  const asked: number[] = [];
  const timers: Timers = {
    ...systemTimers,
    after: (ms, run) => {
      asked.push(ms);
      return systemTimers.after(0, run);
    },
  };
  for (const seconds of [1, 60]) await runHandler({ runtime, timers }, target, { sleep: { seconds } }, 2000);
  t.deepEqual(asked, [1000, 2000]);
});

test('a probe over gRPC that nobody listens to says what it could not reach', async (t) => {
  const runtime: Pick<ContainerRuntime, 'exec'> = { exec: () => Promise.reject(new Error('no container')) };
  const target = { containerId: 'x', container: { name: 'c', resources: {} }, podIp: '127.0.0.1' };
  const ports = { runtime, timers: systemTimers };
  t.deepEqual(await runHandler(ports, target, { grpc: { port: 1, service: '' } }, 1000), {
    passed: false,
    message:
      'timeout: failed to connect service "127.0.0.1:1" within 1s: dial tcp 127.0.0.1:1: connect: connection refused',
  });
});
