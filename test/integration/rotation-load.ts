/**
 * Creates and reads ConfigMaps over HTTPS until its input ends: `node rotation-load.ts HOME URL...`. What fails is
 * tried once more, with the files of the home as they are then, at the next URL. Prints what was acknowledged, and what
 * failed.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';

const [, , home = '', ...urls] = process.argv;
const maps = '/api/v1/namespaces/default/configmaps';
let agent = open();
let turn = 0;
let running = true;
const acknowledged: string[] = [];
const retried = new Map<string, number>();
const failed: string[] = [];

function open(): Agent {
  const read = (name: string): Buffer => readFileSync(join(home, 'pki', name));
  return new Agent({ keepAlive: true, ca: read('ca.crt'), cert: read('admin.crt'), key: read('admin.key') });
}

/** Undefined: it was done; else why not. */
function ask(method: string, path: string, body?: object): Promise<string | undefined> {
  const url = urls[turn % urls.length] ?? '';
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json' };
    const call = request(`${url}${path}`, { method, agent, headers, timeout: 4_000 }, (response) => {
      response.resume();
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        resolve(status < 300 ? undefined : String(status));
      });
      response.on('error', (error) => {
        resolve(error.message);
      });
    });
    call.on('timeout', () => {
      call.destroy(new Error('no answer in time'));
    });
    call.on('error', (error) => {
      resolve(error.message);
    });
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function twice(method: string, path: string, body?: object): Promise<void> {
  const first = await ask(method, path, body);
  if (first === undefined) return;
  retried.set(first, (retried.get(first) ?? 0) + 1);
  turn += 1;
  agent.destroy();
  // Of the two files of a certificate one may be written a moment later.
  await new Promise((resolve) => {
    setTimeout(resolve, 100);
  });
  agent = open();
  const second = await ask(method, path, body);
  // The first may have been done before its answer was lost: nobody else has that name.
  if (second !== undefined && second !== '409') failed.push(`${method} ${path}: ${first}, then ${second}`);
}

process.stdin.on('end', () => {
  running = false;
});
process.stdin.resume();
for (let i = 0; running; i++) {
  const metadata = { name: `load-${String(process.pid)}-${String(i)}` };
  await twice('POST', maps, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  acknowledged.push(metadata.name);
  await twice('GET', `${maps}/${metadata.name}`);
}
process.stdout.write(`${JSON.stringify({ acknowledged, retried: Object.fromEntries(retried), failed })}\n`);
process.exit(0);
