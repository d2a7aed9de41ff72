/** Section 5 of the benchmark: rights, pod security, network policies, Secrets. */
import { builtIn, type Control, judgedByPeople, without } from './control.ts';
import type { ExaminedCluster } from './examined-cluster.ts';
import { madePod, refusedPod, userNamespaces } from './trial-pods.ts';
import { type Verdict, verdict } from './verdict.ts';

interface Named {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

interface Role extends Named {
  readonly rules?: readonly Rule[] | null;
}

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly verbs: readonly string[];
}

interface Binding extends Named {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string }[];
}

const rbac = '/apis/rbac.authorization.k8s.io/v1';

/** Roles and bindings that come with the cluster: they are looked at once, when it is made. */
const isBuiltIn = ({ metadata: { name, labels } }: Named): boolean =>
  labels?.['kubernetes.io/bootstrapping'] === 'rbac-defaults' || /^(system|troupe):/.test(name);

const holds = (list: readonly string[] | undefined, value: string): boolean =>
  list?.some((item) => item === value || item === '*') ?? false;

/** Whether rules give one of the verbs on a resource. */
const gives =
  (group: string, resource: string, ...verbs: readonly string[]) =>
  ({ rules }: Role): boolean =>
    rules?.some(
      (rule) =>
        holds(rule.apiGroups, group) &&
        holds(rule.resources, resource) &&
        verbs.some((verb) => holds(rule.verbs, verb)),
    ) ?? false;

/** Which bindings that somebody made give such rights: none in a new cluster, and people judge the others. */
function boundRights(match: (role: Role) => boolean) {
  return async (cluster: ExaminedCluster): Promise<Verdict> => {
    const roles = [
      ...(await cluster.items<Role>(`${rbac}/clusterroles`)),
      ...(await cluster.items<Role>(`${rbac}/roles`)),
    ].filter(match);
    const names = new Set(roles.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`));
    const bindings = [
      ...(await cluster.items<Binding>(`${rbac}/clusterrolebindings`)),
      ...(await cluster.items<Binding>(`${rbac}/rolebindings`)),
    ].filter(
      (binding) =>
        !isBuiltIn(binding) &&
        names.has(
          `${binding.roleRef.kind === 'Role' ? (binding.metadata.namespace ?? '') : ''}/${binding.roleRef.name}`,
        ),
    );
    if (bindings.length === 0) return verdict(true, 'no binding but the built-in ones gives it');
    return { state: 'manual', detail: `given by ${bindings.map(({ metadata }) => metadata.name).join(', ')}` };
  };
}

async function administrators(cluster: ExaminedCluster): Promise<Verdict> {
  const bindings = await cluster.items<Binding>(`${rbac}/clusterrolebindings`);
  const others = bindings
    .filter(({ roleRef }) => roleRef.name === 'cluster-admin')
    .flatMap(({ subjects = [] }) => subjects.map(({ name }) => name))
    .filter((name) => name !== 'system:masters');
  if (others.length === 0) return verdict(true, 'cluster-admin belongs to system:masters alone');
  return { state: 'manual', detail: `cluster-admin belongs to ${others.join(', ')}, too` };
}

interface Account extends Named {
  readonly automountServiceAccountToken?: boolean;
}

async function defaultAccounts(cluster: ExaminedCluster): Promise<Verdict> {
  const accounts = await cluster.items<Account>('/api/v1/serviceaccounts');
  const users = await userNamespaces(cluster);
  const mounted = accounts
    .filter(({ metadata }) => metadata.name === 'default' && users.includes(metadata.namespace ?? ''))
    .filter(({ automountServiceAccountToken }) => automountServiceAccountToken !== false)
    .map(({ metadata }) => metadata.namespace ?? '');
  return verdict(
    mounted.length === 0,
    `default accounts give pods their token in ${mounted.join(', ') || 'no namespace'}`,
  );
}

async function mountedTokens(cluster: ExaminedCluster): Promise<Verdict> {
  const mounts = (await madePod(cluster))?.containers[0]?.volumeMounts ?? [];
  return verdict(
    mounts.length === 0,
    `a pod that asks for nothing gets ${mounts.length > 0 ? 'a' : 'no'} token (dry run)`,
  );
}

async function mastersCredential(cluster: ExaminedCluster): Promise<Verdict> {
  const { object } = await cluster.ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    method: 'POST',
    body: {},
  });
  const { userInfo } = (object['status'] ?? {}) as { readonly userInfo?: { readonly groups?: readonly string[] } };
  const masters = userInfo?.groups?.includes('system:masters') === true;
  return verdict(!masters, masters ? "the home's kubeconfig is in system:masters" : 'the kubeconfig is not in it');
}

async function policiesEverywhere(cluster: ExaminedCluster): Promise<Verdict> {
  const policies = await cluster.items<Named>('/apis/networking.k8s.io/v1/networkpolicies');
  const covered = new Set(policies.map(({ metadata }) => metadata.namespace));
  const open = (await userNamespaces(cluster)).filter((name) => !covered.has(name));
  return verdict(open.length === 0, `without a NetworkPolicy: ${open.join(', ') || 'none'}`);
}

async function provenance({ settings }: ExaminedCluster): Promise<Verdict> {
  const on = settings.admissionPlugins?.ImagePolicyWebhook === true;
  return verdict(on, `admissionPlugins.ImagePolicyWebhook: ${String(on)}`);
}

async function defaultNamespace(cluster: ExaminedCluster): Promise<Verdict> {
  const pods = await cluster.items<Named>('/api/v1/namespaces/default/pods');
  return verdict(pods.length === 0, `${String(pods.length)} pods in the namespace default`);
}

const anyVerb = ['*'];

export const policyControls: readonly Control[] = [
  { id: '5.1.1', title: 'Few are administrators', check: administrators },
  { id: '5.1.2', title: 'Few read Secrets', check: boundRights(gives('', 'secrets', 'get', 'list', 'watch')) },
  {
    id: '5.1.3',
    title: 'Roles name what they give, without wildcards',
    check: boundRights(gives('*', '*', ...anyVerb)),
  },
  { id: '5.1.4', title: 'Few make pods', check: boundRights(gives('', 'pods', 'create')) },
  { id: '5.1.5', title: 'Default accounts are not used', check: defaultAccounts },
  { id: '5.1.6', title: 'Pods get tokens only where they need them', check: mountedTokens },
  { id: '5.1.7', title: 'Nobody uses system:masters', check: mastersCredential },
  {
    id: '5.1.8',
    title: 'Few bind, impersonate or escalate',
    check: boundRights(
      (role) =>
        gives('rbac.authorization.k8s.io', 'clusterroles', 'bind', 'escalate')(role) ||
        gives('', 'users', 'impersonate')(role),
    ),
  },
  { id: '5.1.9', title: 'Few make PersistentVolumes', check: boundRights(gives('', 'persistentvolumes', 'create')) },
  {
    id: '5.1.10',
    title: 'Few reach the proxy of nodes',
    check: boundRights(gives('', 'nodes/proxy', 'get', 'create')),
  },
  {
    id: '5.1.11',
    title: 'Few approve certificates',
    check: boundRights(gives('certificates.k8s.io', 'certificatesigningrequests/approval', 'update', 'patch')),
  },
  {
    id: '5.1.12',
    title: 'Few configure webhooks',
    check: boundRights(
      gives('admissionregistration.k8s.io', 'validatingwebhookconfigurations', 'create', 'update', 'patch'),
    ),
  },
  {
    id: '5.1.13',
    title: 'Few ask for tokens of accounts',
    check: boundRights(gives('', 'serviceaccounts/token', 'create')),
  },
  {
    id: '5.2.1',
    title: 'Something holds pods against a policy',
    check: refusedPod({ containerContext: { privileged: true, allowPrivilegeEscalation: true } }),
  },
  {
    id: '5.2.2',
    title: 'No privileged containers',
    check: refusedPod({ containerContext: { privileged: true, allowPrivilegeEscalation: true } }),
  },
  { id: '5.2.3', title: "No containers among the node's processes", check: refusedPod({ spec: { hostPID: true } }) },
  { id: '5.2.4', title: "No containers in the node's IPC", check: refusedPod({ spec: { hostIPC: true } }) },
  { id: '5.2.5', title: "No containers in the node's network", check: refusedPod({ spec: { hostNetwork: true } }) },
  {
    id: '5.2.6',
    title: 'No gain of privileges',
    check: refusedPod({ containerContext: { allowPrivilegeEscalation: true } }),
  },
  { id: '5.2.7', title: 'No containers as root', check: refusedPod({ podContext: { runAsNonRoot: false } }) },
  {
    id: '5.2.8',
    title: 'No raw sockets (NET_RAW)',
    check: refusedPod({ containerContext: { capabilities: { drop: ['CHOWN'] } } }),
  },
  {
    id: '5.2.9',
    title: 'No added capabilities',
    check: refusedPod({ containerContext: { capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } } }),
  },
  {
    id: '5.2.10',
    title: 'No capabilities that are not needed',
    check: refusedPod({ containerContext: { capabilities: {} } }),
  },
  { id: '5.2.11', title: 'No Windows host processes', check: without('nodes run Linux') },
  {
    id: '5.2.12',
    title: 'No volumes of the node',
    check: refusedPod({ spec: { volumes: [{ name: 'v', hostPath: { path: '/' } }] } }),
  },
  {
    id: '5.2.13',
    title: 'No ports of the node',
    check: refusedPod({ container: { ports: [{ containerPort: 80, hostPort: 80 }] } }),
  },
  {
    id: '5.3.1',
    title: 'The network enforces NetworkPolicies',
    check: builtIn('every node agent enforces them, in both directions'),
  },
  { id: '5.3.2', title: 'Every namespace has NetworkPolicies', check: policiesEverywhere },
  {
    id: '5.4.1',
    title: 'Secrets are files rather than variables',
    check: judgedByPeople('it depends on the workloads'),
  },
  {
    id: '5.4.2',
    title: 'Secrets are kept outside of the cluster',
    check: judgedByPeople('it depends on the workloads'),
  },
  { id: '5.5.1', title: 'Images come from where they should (ImagePolicyWebhook)', check: provenance },
  { id: '5.6.1', title: 'Namespaces separate tenants', check: judgedByPeople('it depends on the tenants') },
  {
    id: '5.6.2',
    title: 'Pods run with the seccomp profile of the runtime',
    check: ({ settings: { node } }) =>
      verdict(node.seccompDefault === true, `node.seccompDefault: ${String(node.seccompDefault ?? false)}`),
  },
  {
    id: '5.6.3',
    title: 'Pods and containers have security contexts',
    check: judgedByPeople('it depends on the workloads'),
  },
  { id: '5.6.4', title: 'The namespace default is not used', check: defaultNamespace },
];
