/** Sections 1.3, 1.4, 2 and 3 of the benchmark: controllers, scheduler, store, users and audit. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noProfiling } from './api-server-controls.ts';
import { builtIn, type Control, control, noPort, privateFiles, without } from './control.ts';
import type { ExaminedCluster } from './examined-cluster.ts';
import { type Verdict, verdict } from './verdict.ts';

interface AuditLine {
  readonly userAgent?: string;
  readonly user?: { readonly username?: string; readonly groups?: readonly string[] };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Whether what the controllers wrote was written as accounts of their own, without all rights. */
function ownAccounts(cluster: ExaminedCluster): Verdict {
  const users = cluster
    .auditLines()
    .filter((line) => line.includes('"troupe.dev/shard"'))
    .map((line) => (JSON.parse(line) as AuditLine).user ?? {});
  const masters = users.filter(({ groups }) => groups?.includes('system:masters') === true);
  const names = [...new Set(users.map(({ username }) => username ?? ''))].sort();
  if (users.length === 0) return verdict(false, 'the audit log has no write of a controller');
  return masters.length === 0
    ? verdict(true, `${String(names.length)} accounts wrote, none of them in system:masters`)
    : verdict(false, `${String(masters.length)} of ${String(users.length)} writes were made in system:masters`);
}

async function rootCertificate(cluster: ExaminedCluster): Promise<Verdict> {
  const { object } = await cluster.ask('/api/v1/namespaces/default/configmaps/kube-root-ca.crt');
  const { 'ca.crt': text = '' } = (object['data'] ?? {}) as Readonly<Record<string, string>>;
  return verdict(text.includes('BEGIN CERTIFICATE'), 'pods find the authority in kube-root-ca.crt');
}

/** What the port of the store's links agrees to with whoever shows such a certificate. */
function linkHandshake(cluster: ExaminedCluster, shown?: 'admin' | 'store'): Promise<string | undefined> {
  const { address, linkPort } = cluster.settings;
  const file = (end: string): string => join(cluster.home.pki, `${shown ?? ''}.${end}`);
  const pair =
    shown === undefined || !existsSync(file('key'))
      ? undefined
      : { cert: readFileSync(file('crt')), key: readFileSync(file('key')) };
  // With TLS 1.3 a client learns only later that it was refused.
  const asked = { host: address, port: linkPort, maxVersion: 'TLSv1.2', rejectUnauthorized: false } as const;
  return cluster.handshake({ ...asked, ...pair });
}

/** The links between stores: none on one machine, mutual TLS between machines. */
async function storeLinks(cluster: ExaminedCluster): Promise<Verdict> {
  const { address, linkPort } = cluster.settings;
  if (address === '') {
    const open = await cluster.listens(linkPort);
    return verdict(
      !open,
      `one machine: the store listens nowhere (port ${String(linkPort)} is ${open ? 'open' : 'closed'})`,
    );
  }
  const agreed = await linkHandshake(cluster);
  return verdict(
    agreed === undefined,
    `without a certificate ${address}:${String(linkPort)} agrees to ${agreed ?? 'nothing'}`,
  );
}

async function storeAuthority(cluster: ExaminedCluster): Promise<Verdict> {
  if (cluster.settings.address === '')
    return verdict(true, 'one machine: no certificate opens the store, since it listens nowhere');
  const opens = { client: await linkHandshake(cluster, 'admin'), store: await linkHandshake(cluster, 'store') };
  if (opens.client !== undefined)
    return verdict(
      false,
      "the clients' authority signs links, too; troupe key rotate --authority gives links their own",
    );
  const own = opens.store === undefined ? 'none' : 'does';
  return verdict(own === 'does', `a client's certificate opens no link, one of pki/store-ca.crt ${own}`);
}

function personalCertificates({ home }: ExaminedCluster): Verdict {
  const used = readFileSync(home.kubeconfig, 'utf8').includes('client-certificate');
  return verdict(!used, used ? 'the kubeconfig holds a certificate, which nobody can revoke' : 'no certificate in it');
}

interface Binding {
  readonly metadata: { readonly name: string };
  readonly roleRef: { readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
}

async function accountsForUsers(cluster: ExaminedCluster): Promise<Verdict> {
  const bindings = await cluster.items<Binding>('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings');
  const masters = bindings.filter(
    ({ roleRef, subjects }) =>
      roleRef.name === 'cluster-admin' &&
      subjects?.some(({ kind, namespace }) => kind === 'ServiceAccount' && namespace !== 'kube-system') === true,
  );
  const names = masters.map(({ metadata }) => metadata.name).join(', ');
  return verdict(
    names === '',
    names === '' ? 'no account is an administrator' : `accounts are administrators by ${names}`,
  );
}

interface Secret {
  readonly type?: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
}

async function bootstrapTokens(cluster: ExaminedCluster): Promise<Verdict> {
  const secrets = await cluster.items<Secret>('/api/v1/namespaces/kube-system/secrets');
  const tokens = secrets.filter(({ type }) => type === 'bootstrap.kubernetes.io/token');
  const endless = tokens.filter(({ data }) => data?.['expiration'] === undefined);
  return verdict(
    endless.length === 0,
    `${String(tokens.length)} bootstrap tokens, ${String(endless.length)} without an end`,
  );
}

async function auditPolicy(cluster: ExaminedCluster): Promise<Verdict> {
  if (!cluster.settings.audit.enabled) return verdict(false, 'audit.enabled: false');
  const body = { metadata: { name: cluster.probeName } };
  const { auditId } = await cluster.ask('/api/v1/namespaces/default/configmaps?dryRun=All', { method: 'POST', body });
  const found = await cluster.isAudited(auditId);
  return verdict(found, `a write is ${found ? '' : 'not '}in the trail`);
}

/** What the benchmark names: Secrets, changes of pods, ways into containers. */
async function auditedConcerns(cluster: ExaminedCluster): Promise<Verdict> {
  if (!cluster.settings.audit.enabled) return verdict(false, 'audit.enabled: false');
  const { probeName } = cluster;
  const asked: readonly (readonly [what: string, path: string, method: 'GET' | 'POST' | 'DELETE'])[] = [
    ['reads of Secrets', `/api/v1/namespaces/default/secrets/${probeName}`, 'GET'],
    ['writes of pods', `/api/v1/namespaces/default/pods/${probeName}`, 'DELETE'],
    ['proxies to services', `/api/v1/namespaces/default/services/${probeName}/proxy/`, 'GET'],
    ['exec', `/api/v1/namespaces/default/pods/${probeName}/exec?command=id&stdout=1`, 'POST'],
  ];
  const missing: string[] = [];
  for (const [what, path, method] of asked)
    if (!(await cluster.isAudited((await cluster.ask(path, { method })).auditId))) missing.push(what);
  const seen = asked.map(([what]) => what).filter((what) => !missing.includes(what));
  return verdict(
    missing.length === 0,
    `in the trail: ${seen.join(', ')}${missing.length > 0 ? `; not: ${missing.join(', ')}` : ''}`,
  );
}

const signingKeyFile = ({ home }: ExaminedCluster): readonly string[] => [join(home.pki, 'service-account.key')];

const noClients = without('the store has no clients beside its own member');

export const componentControls: readonly Control[] = [
  control(
    '1.3.1',
    'Ended pods are removed beyond a number',
    builtIn('the oldest ended pods beyond 12,500 are removed'),
  ),
  control('1.3.2', 'The controllers offer no profiles', noProfiling),
  control('1.3.3', 'Each controller has an account of its own', ownAccounts),
  control('1.3.4', 'The controllers sign tokens with a key of their own', privateFiles(signingKeyFile)),
  control('1.3.5', 'Pods get the authority of the cluster', rootCertificate),
  control(
    '1.3.6',
    "Kubelets' serving certificates are renewed",
    without('node agents serve nothing and have no serving certificate'),
  ),
  control('1.3.7', 'The controllers listen on loopback only', noPort(10257, 10252)),
  control('1.4.1', 'The scheduler offers no profiles', noProfiling),
  control('1.4.2', 'The scheduler listens on loopback only', noPort(10259, 10251)),
  control('2.1', 'The store is reached over TLS', storeLinks),
  control('2.2', 'Clients of the store show certificates', noClients),
  control('2.3', 'Clients do not bring certificates that they signed themselves', noClients),
  control('2.4', 'Members of the store speak TLS to each other', storeLinks),
  control('2.5', 'Members of the store show each other certificates', storeLinks),
  control('2.6', 'Members do not bring certificates that they signed themselves', storeLinks),
  control('2.7', 'The store has an authority of its own', storeAuthority),
  control('3.1.1', 'Users do not sign in by certificates', personalCertificates),
  control('3.1.2', 'Users do not sign in by tokens of accounts', accountsForUsers),
  control('3.1.3', 'Users do not sign in by bootstrap tokens', bootstrapTokens),
  control('3.2.1', 'There is an audit policy', auditPolicy),
  control('3.2.2', 'The audit policy covers what matters most', auditedConcerns),
];
