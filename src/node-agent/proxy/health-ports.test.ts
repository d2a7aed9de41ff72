import { get, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { json } from 'node:stream/consumers';
import test from 'ava';
import { freePort } from '../../platform/index.ts';
import { HealthPorts } from './health-ports.ts';

const isHealthy = (): boolean => true;

/** Not by `fetch`, which gives up when a process that runs many tests at once stands still for ten seconds. */
const ask = async (port: number): Promise<{ status: number; body: unknown }> => {
  const [response] = (await once(get({ host: '127.0.0.1', port, agent: false }), 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: await json(response) };
};

test('a health check node port says how many ready endpoints there are; it closes with its Service', async (t) => {
  const port = await freePort('127.0.0.1');
  const ports = new HealthPorts((_port, error) => t.fail(error.message), isHealthy);
  const health = { namespace: 'shop', name: 'web', port };
  ports.serve([{ ...health, localEndpoints: 2 }]);
  const service = { namespace: 'shop', name: 'web' };
  t.deepEqual(await ask(port), { status: 200, body: { service, localEndpoints: 2, serviceProxyHealthy: true } });
  ports.serve([{ ...health, localEndpoints: 0 }]);
  t.deepEqual(await ask(port), { status: 503, body: { service, localEndpoints: 0, serviceProxyHealthy: true } });
  ports.close();
  await t.throwsAsync(ask(port));
});

test('a port that somebody else has is reported, and tried again', async (t) => {
  const other = createServer().listen(await freePort('0.0.0.0'));
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const failed: number[] = [];
  const ports = new HealthPorts((taken) => failed.push(taken), isHealthy);
  const health = { namespace: 'shop', name: 'web', port, localEndpoints: 1 };
  ports.serve([health]);
  while (failed.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  other.close();
  await once(other, 'close');
  ports.serve([health]);
  t.is((await ask(port)).status, 200);
  ports.close();
  t.deepEqual(failed, [port]);
});

test('a health check node port sends nobody to a machine whose rules do not follow', async (t) => {
  const port = await freePort('127.0.0.1');
  let healthy = true;
  const ports = new HealthPorts(
    (_port, error) => t.fail(error.message),
    () => healthy,
  );
  ports.serve([{ namespace: 'shop', name: 'web', port, localEndpoints: 2 }]);
  t.is((await ask(port)).status, 200);
  healthy = false;
  t.like(await ask(port), { status: 503, body: { localEndpoints: 2, serviceProxyHealthy: false } });
  ports.close();
});
