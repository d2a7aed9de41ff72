/** Section 1.2 of the benchmark: the API server. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { encryptionStatus, storeFoldersOf } from '../../main/index.ts';
import { builtIn, type Control, control, plugInIsOn, without } from './control.ts';
import { adminTokenVerdict, anonymousVerdict, accountTokens } from './credential-checks.ts';
import type { ExaminedCluster } from './examined-cluster.ts';
import { madePod, trialPod } from './trial-pods.ts';
import { type Verdict, verdict } from './verdict.ts';

const noKubelet = without('members reach node agents over NATS; agents have no port and no serving certificate');
const noEtcd = without('the store is part of the member; there is no etcd to connect to');
/** Ciphers of TLS 1.2 without forward secrecy or with CBC. */
const weakCiphers =
  'AES128-SHA:AES256-SHA:ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES128-SHA:@SECLEVEL=0';

/** Whether a user may do something (SubjectAccessReview). */
async function allows(
  cluster: ExaminedCluster,
  user: string,
  groups: readonly string[],
  asked: object,
): Promise<boolean> {
  const { object } = await cluster.ask('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    method: 'POST',
    body: { spec: { user, groups, resourceAttributes: asked } },
  });
  return (object['status'] as { readonly allowed?: boolean } | undefined)?.allowed === true;
}

async function nodeAuthorizer(cluster: ExaminedCluster): Promise<Verdict> {
  const { probeName } = cluster;
  const [user, groups] = [`system:node:${probeName}`, ['system:nodes']];
  const own = await allows(cluster, user, groups, { verb: 'get', resource: 'nodes', name: probeName });
  const secret = { verb: 'get', resource: 'secrets', namespace: 'default', name: probeName };
  const foreign = await allows(cluster, user, groups, secret);
  const seen = `a node ${own ? 'reads' : 'does not read'} its Node, and ${foreign ? 'any' : 'no foreign'} Secret`;
  return verdict(cluster.settings.authorization.order.includes('Node') && own && !foreign, seen);
}

async function rbac(cluster: ExaminedCluster): Promise<Verdict> {
  const asked = { verb: 'list', resource: 'pods', namespace: 'default' };
  const bound = await allows(cluster, 'system:kube-scheduler', [], asked);
  const stranger = await allows(cluster, cluster.probeName, ['system:authenticated'], asked);
  const seen = `a user with a binding ${bound ? 'may' : 'may not'}, one without ${stranger ? 'may' : 'may not'}`;
  return verdict(bound && !stranger && cluster.settings.authorization.order.includes('RBAC'), seen);
}

async function refusesStrangers(cluster: ExaminedCluster): Promise<Verdict> {
  const { status } = await cluster.ask('/api/v1/secrets', { user: cluster.probeName, group: 'system:authenticated' });
  return verdict(status === 403, `a user without rights gets ${String(status)}`);
}

async function externalAddresses(cluster: ExaminedCluster): Promise<Verdict> {
  const body = {
    metadata: { name: cluster.probeName },
    spec: { ports: [{ port: 80 }], externalIPs: ['203.0.113.9'] },
  };
  const { status } = await cluster.ask('/api/v1/namespaces/default/services?dryRun=All', { method: 'POST', body });
  return verdict(status === 403, `a Service with externalIPs gets ${String(status)} (dry run)`);
}

async function unknownNamespace(cluster: ExaminedCluster): Promise<Verdict> {
  const path = `/api/v1/namespaces/${cluster.probeName}/configmaps?dryRun=All`;
  const { status } = await cluster.ask(path, { method: 'POST', body: { metadata: { name: 'c' } } });
  return verdict(status === 404, `an object for a namespace that does not exist gets ${String(status)} (dry run)`);
}

async function unknownAccount(cluster: ExaminedCluster): Promise<Verdict> {
  const { status } = await cluster.ask('/api/v1/namespaces/default/pods?dryRun=All', {
    method: 'POST',
    body: trialPod(cluster.probeName, { spec: { serviceAccountName: cluster.probeName } }),
  });
  return verdict(status === 403, `a pod that admission has to refuse gets ${String(status)} (dry run)`);
}

async function pullPolicy(cluster: ExaminedCluster): Promise<Verdict> {
  const policy = (await madePod(cluster))?.containers[0]?.imagePullPolicy;
  return verdict(policy === 'Always', `a pod that asks for IfNotPresent gets ${policy ?? 'refused'} (dry run)`);
}

async function accountOfPods(cluster: ExaminedCluster): Promise<Verdict> {
  const account = (await madePod(cluster))?.serviceAccountName;
  return verdict(account === 'default', `a pod without an account gets ${account ?? 'none'} (dry run)`);
}

async function nodeRestriction(cluster: ExaminedCluster): Promise<Verdict> {
  const { status } = await cluster.ask('/api/v1/nodes?dryRun=All', {
    method: 'POST',
    user: `system:node:${cluster.probeName}`,
    group: 'system:nodes',
    body: { metadata: { name: cluster.probeName, labels: { 'node-restriction.kubernetes.io/tenant': 'gold' } } },
  });
  return verdict(status === 403, `a node that gives itself a restricted label gets ${String(status)} (dry run)`);
}

export async function noProfiling(cluster: ExaminedCluster): Promise<Verdict> {
  const { status } = await cluster.ask('/debug/pprof/');
  return verdict(status === 404, `/debug/pprof/ answers ${String(status)}`);
}

/** A setting of the audit log that must reach a number. */
const auditAtLeast =
  (key: 'logDaysMax' | 'logBackupsMax' | 'logBytesMax', least: number) =>
  ({ settings: { audit } }: ExaminedCluster): Verdict => {
    // 0 keeps everything, except as a size.
    const unbounded = audit[key] === 0 && key !== 'logBytesMax';
    return verdict(audit.enabled && (unbounded || audit[key] >= least), `audit.${key}: ${String(audit[key])}`);
  };

function auditFiles(cluster: ExaminedCluster): Verdict {
  const { audit } = cluster.settings;
  const lines = audit.enabled ? cluster.auditLines().filter((line) => line !== '').length : 0;
  return verdict(lines > 0, audit.enabled ? `the audit log has lines` : 'audit.enabled: false');
}

async function servesTls(cluster: ExaminedCluster): Promise<Verdict> {
  const agreed = await cluster.handshake();
  return verdict(agreed !== undefined, agreed ?? 'no handshake with the certificate of the cluster');
}

async function clientCertificates(cluster: ExaminedCluster): Promise<Verdict> {
  const { object } = await cluster.ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    method: 'POST',
    body: {},
  });
  const status = object['status'] as { readonly userInfo?: { readonly username?: string } } | undefined;
  const name = status?.userInfo?.username;
  return verdict(name === 'kubernetes-admin', `the administrator's certificate is ${name ?? 'nobody'}`);
}

function sealedStore({ home, settings }: ExaminedCluster): Verdict {
  if (!settings.encryption.enabled) return verdict(false, 'encryption.enabled: false');
  const folders = storeFoldersOf(home).map(({ folder }) => folder);
  const { keys, stores } = encryptionStatus({ home, settings: settings.encryption, storeFolders: folders });
  const sealed = stores.filter(({ needs }) => needs.length > 0).length;
  return verdict(
    sealed === stores.length && stores.length > 0,
    `AES-256-GCM; ${String(sealed)} of ${String(stores.length)} stores need the keys (${keys.join(', ')})`,
  );
}

async function strongCiphers(cluster: ExaminedCluster): Promise<Verdict> {
  const weak = await cluster.handshake({ ciphers: weakCiphers, maxVersion: 'TLSv1.2' });
  const old = await cluster.handshake({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' });
  return verdict(weak === undefined && old === undefined, weak ?? old ?? 'weak ciphers and TLS 1.1 are refused');
}

async function signingKey(cluster: ExaminedCluster): Promise<Verdict> {
  const { object } = await cluster.ask('/openid/v1/jwks');
  const keys = (object['keys'] ?? []) as readonly unknown[];
  const file = existsSync(join(cluster.home.pki, 'service-account.key'));
  return verdict(file && keys.length > 0, `pki/service-account.key; ${String(keys.length)} public keys are served`);
}

const tokenVerdict =
  (of: 'deleted' | 'lifetime') =>
  async (cluster: ExaminedCluster): Promise<Verdict> =>
    (await accountTokens(cluster))[of];

export const apiServerControls: readonly Control[] = [
  control('1.2.1', 'Requests without credentials are refused', anonymousVerdict),
  control('1.2.2', 'No tokens from a file that only a restart changes', adminTokenVerdict),
  control('1.2.3', 'Services get no external addresses (DenyServiceExternalIPs)', externalAddresses),
  control('1.2.4', 'The API server shows kubelets a certificate', noKubelet),
  control('1.2.5', "The API server checks kubelets' certificates", noKubelet),
  control('1.2.6', 'Authorization is not AlwaysAllow', refusesStrangers),
  control('1.2.7', 'Nodes are authorized as nodes', nodeAuthorizer),
  control('1.2.8', 'Users are authorized by RBAC', rbac),
  control('1.2.9', 'Events are limited (EventRateLimit)', plugInIsOn('EventRateLimit')),
  control('1.2.10', 'Admission is not AlwaysAdmit', unknownAccount),
  control('1.2.11', 'Images are pulled at each start (AlwaysPullImages)', pullPolicy),
  control('1.2.12', 'Pods get service accounts (ServiceAccount)', accountOfPods),
  control('1.2.13', 'Namespaces exist before their objects (NamespaceLifecycle)', unknownNamespace),
  control('1.2.14', 'Nodes change only what is theirs (NodeRestriction)', nodeRestriction),
  control('1.2.15', 'The API server offers no profiles', noProfiling),
  control('1.2.16', 'There is an audit log', auditFiles),
  control('1.2.17', 'Audit logs are kept for 30 days', auditAtLeast('logDaysMax', 30)),
  control('1.2.18', 'Ten old audit logs are kept', auditAtLeast('logBackupsMax', 10)),
  control('1.2.19', 'Audit logs are rotated at 100 MB', auditAtLeast('logBytesMax', 100_000_000)),
  control('1.2.20', 'Requests end', builtIn('a request ends after 60 s, a write is decided after 10 s')),
  control('1.2.21', 'Tokens of deleted accounts are refused', tokenVerdict('deleted')),
  control('1.2.22', 'Tokens of accounts have a key of their own', signingKey),
  control('1.2.23', 'The API server shows etcd a certificate', noEtcd),
  control('1.2.24', 'The API is served over TLS', servesTls),
  control('1.2.25', 'Clients are recognised by an authority', clientCertificates),
  control('1.2.26', "The API server checks etcd's certificate", noEtcd),
  control('1.2.27', 'Objects are encrypted at rest', sealedStore),
  control('1.2.28', 'The encryption is a strong one', sealedStore),
  control('1.2.29', 'TLS uses strong ciphers only', strongCiphers),
  control('1.2.30', 'Tokens of accounts are not extended', tokenVerdict('lifetime')),
];
