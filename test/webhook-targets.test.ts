import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { webhookCalls } from '../src/api-server/http/index.ts';
import { makeAuthority, makeLeaf } from '../src/main/keys/certificate-authority.ts';

const serverName = 'hook.default.svc';
const body = new TextEncoder().encode('{}');

interface Hook {
  readonly port: number;
  readonly ca: string;
  readonly asked: string[];
}

/** A webhook on loopback; `location`: it redirects there. */
async function start(t: ExecutionContext, location?: string, address = '127.0.0.1'): Promise<Hook> {
  const validity = { now: Date.now(), days: 1 };
  const authority = await makeAuthority('hooks', validity);
  const { certificate, key } = await makeLeaf(authority, {
    subject: 'CN=hook',
    usage: 'server',
    hosts: [serverName, 'localhost', '127.0.0.1', '::1'],
    ...validity,
  });
  const asked: string[] = [];
  const server = createServer({ cert: certificate, key }, (request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(location === undefined ? 200 : 307, location === undefined ? {} : { location });
    response.end('{}');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, address, resolve);
  });
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, ca: authority.certificate, asked };
}

test('an administrator may name a webhook on the machine itself by its URL, as in Kubernetes', async (t) => {
  const { port, ca, asked } = await start(t);
  for (const host of ['127.0.0.1', 'localhost']) {
    const options = { ca, serverName: 'localhost', timeoutMs: 5_000 };
    t.is((await webhookCalls()(`https://${host}:${port}/hook`, body, options)).status, 200);
  }
  t.deepEqual(asked, ['/hook', '/hook']);
});

test('a webhook whose URL has an address is known by that address, of either family', async (t) => {
  const warnings: string[] = [];
  const note = ({ message }: Error): void => {
    warnings.push(message);
  };
  process.on('warning', note);
  t.teardown(() => process.off('warning', note));
  for (const [address, host] of [
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '[::1]'],
  ] as const) {
    const { port, ca, asked } = await start(t, undefined, address);
    const options = { ca, serverName: host, timeoutMs: 5_000 };
    t.is((await webhookCalls()(`https://${host}:${port}/hook`, body, options)).status, 200);
    t.deepEqual(asked, ['/hook']);
    const stranger = await start(t, undefined, address);
    await t.throwsAsync(async () => webhookCalls()(`https://${host}:${stranger.port}/`, body, options));
  }
  // Node.js warns of an address as the name of a TLS server, and of nothing else here.
  t.deepEqual(warnings, []);
});

for (const host of ['127.0.0.1', '::1', '169.254.169.254', '0.0.0.0', 'localhost'])
  test(`a Service of a webhook does not lead to ${host}`, async (t) => {
    const { port, ca, asked } = await start(t);
    const options = { ca, serverName, timeoutMs: 5_000, connectTo: { host, port } };
    await t.throwsAsync(async () => webhookCalls()(`https://${serverName}:443/`, body, options), {
      message: /address not allowed/,
    });
    t.deepEqual(asked, []);
  });

test('a redirect of a webhook is its answer, and nobody is asked there', async (t) => {
  const inward = await start(t);
  const { port, ca } = await start(t, `https://127.0.0.1:${inward.port}/`);
  const options = { ca, serverName: 'localhost', timeoutMs: 5_000 };
  t.is((await webhookCalls()(`https://localhost:${port}/`, body, options)).status, 307);
  t.deepEqual(inward.asked, []);
});
