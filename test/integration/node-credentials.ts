import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateToken } from '../../src/api-server/index.ts';
import { connectNats, inboxPrefixOf, subjectsOf } from '../../src/bus/index.ts';

/**
 * What a node's credentials open on NATS, as JSON on standard output: the subjects that could be heard or sent to.
 *
 *   node test/integration/node-credentials.ts HOME NAME OTHER
 */
const [home = '', name = '', other = ''] = process.argv.slice(2);
const { servers, cluster, ca } = JSON.parse(readFileSync(join(home, 'nats.json'), 'utf8')) as {
  servers: string[];
  cluster: string;
  ca: string;
};
const pair = {
  certificate: readFileSync(join(home, 'pki', 'node.crt'), 'utf8'),
  key: readFileSync(join(home, 'pki', 'node.key'), 'utf8'),
};
const token = (): string => certificateToken(pair, cluster, Date.now());
const subjects = subjectsOf(cluster);

async function refused(connect: Parameters<typeof connectNats>[0]): Promise<string> {
  try {
    await (await connectNats(connect)).close();
    return 'let in';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

const bus = await connectNats({ servers, ca, name, token, inboxPrefix: inboxPrefixOf(`system:node:${name}`) });
const heard = new Set<string>();
for (const subject of [subjects.nodeStream(other), subjects.nodeDoor(other, '*'), subjects.events(), '_INBOX.>', '>'])
  bus.subscribe(subject, (message) => {
    heard.add(message.subject);
  });
const api = await bus.request(
  subjects.api,
  new TextEncoder().encode(JSON.stringify({ verb: 'get', version: 'v1', resource: 'nodes', name })),
  { deadlineMs: 30_000, headers: { Authorization: `Bearer ${token()}` } },
);
const secrets = await bus.request(
  subjects.api,
  new TextEncoder().encode(
    JSON.stringify({ verb: 'list', version: 'v1', resource: 'secrets', namespace: 'kube-system' }),
  ),
  { deadlineMs: 30_000, headers: { Authorization: `Bearer ${token()}` } },
);
const stream = await bus.request(subjects.nodeStream(other), new Uint8Array(), { deadlineMs: 1_000 }).then(
  () => 'answered',
  () => 'no answer',
);
// Long enough for leases, events and heartbeats of both nodes.
await new Promise((resolve) => {
  setTimeout(resolve, 4_000);
});
const statusOf = (payload: Uint8Array): unknown =>
  (JSON.parse(new TextDecoder().decode(payload)) as { status: unknown }).status;
process.stdout.write(
  JSON.stringify({
    ownNode: statusOf(api.payload),
    secrets: statusOf(secrets.payload),
    otherStream: stream,
    heard: [...heard],
    withoutToken: await refused({ servers, ca, name }),
    withWrongToken: await refused({ servers, ca, name, token: 'wrong' }),
    withoutTls: await refused({ servers, name, token }),
  }),
);
await bus.close();
