import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { subjectsOf, type SubjectPermissions } from '../../bus/index.ts';
import { builtInCatalogue, type Requester } from '../../resources/index.ts';
import { connectionPermissions } from './connection-permissions.ts';

const subjects = subjectsOf('c');

/** Every kind of credential that NATS lets in; members have a password and every subject. */
const credentials: Readonly<Record<string, Requester>> = {
  administrator: { name: 'admin', groups: ['system:masters'] },
  user: { name: 'alice', groups: ['system:authenticated'] },
  watcher: { name: 'watcher', groups: ['system:authenticated'] },
  account: { name: 'system:serviceaccount:apps:web', groups: ['system:serviceaccounts'] },
  agent: { name: 'system:node:n1', groups: ['system:nodes'] },
  'former agent': { name: 'system:node:n1', groups: ['system:authenticated'] },
};
const everybody = Object.keys(credentials);
const nobody: readonly string[] = [];
const administrator = ['administrator'];
const agent = ['agent'];

interface Row {
  readonly subject: string;
  readonly sends: readonly string[];
  readonly hears: readonly string[];
}

const pod = { namespace: 'apps', name: 'web' };
/** By the name of what makes the subject: none can be added without a row. The table in docs/nats.md says why. */
const table: Readonly<Record<string, readonly Row[]>> = {
  api: [{ subject: subjects.api, sends: everybody, hears: nobody }],
  participants: [
    { subject: subjects.participants, sends: everybody.filter((name) => !name.endsWith('agent')), hears: nobody },
  ],
  event: [
    { subject: subjects.event('', 'pods', pod), sends: nobody, hears: ['administrator', 'watcher'] },
    { subject: subjects.event('', 'secrets', pod), sends: nobody, hears: administrator },
  ],
  actor: [{ subject: subjects.actor('pod/7/apps/web'), sends: administrator, hears: nobody }],
  nodeStream: [
    { subject: subjects.nodeStream('n1'), sends: nobody, hears: agent },
    { subject: subjects.nodeStream('n2'), sends: nobody, hears: nobody },
  ],
  nodeDoor: [
    { subject: subjects.nodeDoor('n1', '1'), sends: agent, hears: nobody },
    { subject: subjects.nodeDoor('n2', '1'), sends: nobody, hears: nobody },
  ],
  nodeUsage: [
    { subject: subjects.nodeUsage('n1'), sends: agent, hears: nobody },
    { subject: subjects.nodeUsage('n2'), sends: nobody, hears: nobody },
  ],
  nodeRenewal: [
    { subject: subjects.nodeRenewal('n1'), sends: agent, hears: nobody },
    { subject: subjects.nodeRenewal('n2'), sends: nobody, hears: nobody },
  ],
  raft: [{ subject: subjects.raft('member-1'), sends: nobody, hears: nobody }],
  claim: [{ subject: subjects.claim('member-1'), sends: nobody, hears: nobody }],
  links: [{ subject: subjects.links, sends: nobody, hears: nobody }],
  membership: [{ subject: subjects.membership, sends: nobody, hears: nobody }],
  keys: [{ subject: subjects.keys('member-1'), sends: nobody, hears: nobody }],
  removed: [{ subject: subjects.removed('member-1'), sends: nobody, hears: nobody }],
  gone: [{ subject: subjects.gone('member-1'), sends: nobody, hears: everybody }],
  alive: [{ subject: subjects.alive, sends: nobody, hears: nobody }],
  tree: [
    { subject: subjects.tree('n1'), sends: agent, hears: nobody },
    { subject: subjects.tree('member-1'), sends: nobody, hears: nobody },
  ],
  treeReset: [
    { subject: subjects.treeReset('n1'), sends: nobody, hears: agent },
    { subject: subjects.treeReset('member-1'), sends: nobody, hears: nobody },
  ],
  treeControl: [
    { subject: subjects.treeControl('n1'), sends: nobody, hears: agent },
    { subject: subjects.treeControl('member-1'), sends: nobody, hears: nobody },
  ],
  inboxes: [
    { subject: '_INBOX.%member-1.1', sends: nobody, hears: administrator },
    { subject: '_INBOX.alice.1', sends: nobody, hears: ['administrator', 'user'] },
    { subject: '_INBOX.system:node:n1.1', sends: nobody, hears: ['administrator', 'agent'] },
    { subject: '_INBOX.system:serviceaccount:apps:web.1', sends: nobody, hears: ['administrator', 'account'] },
  ],
  servers: [
    { subject: '$SYS.REQ.USER.AUTH', sends: nobody, hears: nobody },
    { subject: '$SYS.REQ.SERVER.PING.CONNZ', sends: nobody, hears: nobody },
    { subject: 'troupe.other.api', sends: nobody, hears: nobody },
  ],
};
/** What reads a subject, and wildcards of those in the table. */
const noSubjects = new Set([
  ...['addressOf', 'usageNode', 'renewalNode', 'goneMember'],
  ...['actors', 'actorsOf', 'nodesUsage', 'nodesRenewal', 'nodeAll', 'events', 'trees'],
]);

/** Whether the two patterns have a subject in common. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [one.split('.'), other.split('.')];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [left, right] = [a[i], b[i]];
    if (left === undefined || right === undefined) return false;
    if (left === '>' || right === '>') return true;
    if (left !== right && left !== '*' && right !== '*') return false;
  }
  return true;
}

async function permissionsOf(user: Requester): Promise<SubjectPermissions> {
  return await connectionPermissions(
    {
      subjects,
      resources: builtInCatalogue.all(),
      authorize: ({ user: { name }, resource }) => ({
        allowed: name === 'watcher' && resource === 'pods',
        reason: '',
      }),
    },
    user,
  );
}

const permissions = new Map<string, SubjectPermissions>();
test.before(async () => {
  for (const [name, user] of Object.entries(credentials)) permissions.set(name, await permissionsOf(user));
});
const those = (which: 'publish' | 'subscribe', subject: string): readonly string[] =>
  everybody.filter((name) => permissions.get(name)?.[which].some((pattern) => overlap(pattern, subject)));

test('every subject of the cluster is in the table', (t) => {
  for (const name of Object.keys(subjects)) t.is(Object.hasOwn(table, name), !noSubjects.has(name), name);
});

const docs = join(import.meta.dirname, '..', '..', '..', 'docs', 'nats.md');
const names: Readonly<Record<string, string>> = {
  event: 'events.<group>.<resource>.<namespace>.<name>',
  actor: 'actor.<address>',
  nodeStream: 'node.<node>.stream',
  nodeDoor: 'node.<node>.door.<id>',
  nodeUsage: 'node.<node>.usage',
  nodeRenewal: 'node.<node>.renewal',
  raft: 'raft.<member>',
  claim: 'raft.<member>.claim',
  keys: 'keys.<member>',
  removed: 'removed.<member>',
  gone: 'gone.<member>',
  tree: 'tree.<process>',
  treeReset: 'tree.<process>.reset',
  treeControl: 'tree.<process>.control',
  inboxes: '_INBOX.<user>.…',
  servers: '$SYS.…',
};

test('docs/nats.md has a row for every subject', (t) => {
  const text = readFileSync(docs, 'utf8');
  for (const name of Object.keys(table)) t.true(text.includes(`\n| \`${names[name] ?? name}\` | `), name);
});

for (const { subject, sends, hears } of Object.values(table).flat())
  test(`${subject} is sent to and heard by those alone whom the table names`, (t) => {
    t.deepEqual(those('publish', subject), sends, 'may send');
    t.deepEqual(those('subscribe', subject), hears, 'hears');
  });

// A NATS server lets everybody send to the reply subject of what it received: a message to oneself would open any.
test('no credential hears what it, or another credential, may send to', (t) => {
  for (const [sender, { publish }] of permissions)
    for (const [hearer, { subscribe }] of permissions)
      for (const sent of publish)
        for (const heard of subscribe) t.false(overlap(sent, heard), `${sender}: ${sent}; ${hearer}: ${heard}`);
});
