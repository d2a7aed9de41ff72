/** Section 5 of the benchmark: rights, pod security, network policies, Secrets. */
import { builtIn, type Control, control, judgedByPeople, plugInIsOn, seccompByDefault, without } from './control.ts';
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

async function defaultNamespace(cluster: ExaminedCluster): Promise<Verdict> {
  const pods = await cluster.items<Named>('/api/v1/namespaces/default/pods');
  return verdict(pods.length === 0, `${String(pods.length)} pods in the namespace default`);
}

const anyVerb = ['*'];

export const policyControls: readonly Control[] = [
  control('5.1.1', 'Few are administrators', administrators),
  control('5.1.2', 'Few read Secrets', boundRights(gives('', 'secrets', 'get', 'list', 'watch'))),
  control('5.1.3', 'Roles name what they give, without wildcards', boundRights(gives('*', '*', ...anyVerb))),
  control('5.1.4', 'Few make pods', boundRights(gives('', 'pods', 'create'))),
  control('5.1.5', 'Default accounts are not used', defaultAccounts),
  control('5.1.6', 'Pods get tokens only where they need them', mountedTokens),
  control('5.1.7', 'Nobody uses system:masters', mastersCredential),
  control(
    '5.1.8',
    'Few bind, impersonate or escalate',
    boundRights(
      (role) =>
        gives('rbac.authorization.k8s.io', 'clusterroles', 'bind', 'escalate')(role) ||
        gives('', 'users', 'impersonate')(role),
    ),
  ),
  control('5.1.9', 'Few make PersistentVolumes', boundRights(gives('', 'persistentvolumes', 'create'))),
  control('5.1.10', 'Few reach the proxy of nodes', boundRights(gives('', 'nodes/proxy', 'get', 'create'))),
  control(
    '5.1.11',
    'Few approve certificates',
    boundRights(gives('certificates.k8s.io', 'certificatesigningrequests/approval', 'update', 'patch')),
  ),
  control(
    '5.1.12',
    'Few configure webhooks',
    boundRights(gives('admissionregistration.k8s.io', 'validatingwebhookconfigurations', 'create', 'update', 'patch')),
  ),
  control('5.1.13', 'Few ask for tokens of accounts', boundRights(gives('', 'serviceaccounts/token', 'create'))),
  control(
    '5.2.1',
    'Something holds pods against a policy',
    refusedPod({ containerContext: { privileged: true, allowPrivilegeEscalation: true } }),
  ),
  control(
    '5.2.2',
    'No privileged containers',
    refusedPod({ containerContext: { privileged: true, allowPrivilegeEscalation: true } }),
  ),
  control('5.2.3', "No containers among the node's processes", refusedPod({ spec: { hostPID: true } })),
  control('5.2.4', "No containers in the node's IPC", refusedPod({ spec: { hostIPC: true } })),
  control('5.2.5', "No containers in the node's network", refusedPod({ spec: { hostNetwork: true } })),
  control('5.2.6', 'No gain of privileges', refusedPod({ containerContext: { allowPrivilegeEscalation: true } })),
  control('5.2.7', 'No containers as root', refusedPod({ podContext: { runAsNonRoot: false } })),
  control('5.2.8', 'No raw sockets (NET_RAW)', refusedPod({ containerContext: { capabilities: { drop: ['CHOWN'] } } })),
  control(
    '5.2.9',
    'No added capabilities',
    refusedPod({ containerContext: { capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } } }),
  ),
  control('5.2.10', 'No capabilities that are not needed', refusedPod({ containerContext: { capabilities: {} } })),
  control('5.2.11', 'No Windows host processes', without('nodes run Linux')),
  control(
    '5.2.12',
    'No volumes of the node',
    refusedPod({ spec: { volumes: [{ name: 'v', hostPath: { path: '/' } }] } }),
  ),
  control(
    '5.2.13',
    'No ports of the node',
    refusedPod({ container: { ports: [{ containerPort: 80, hostPort: 80 }] } }),
  ),
  control(
    '5.3.1',
    'The network enforces NetworkPolicies',
    builtIn('every node agent enforces them, in both directions'),
  ),
  control('5.3.2', 'Every namespace has NetworkPolicies', policiesEverywhere),
  control('5.4.1', 'Secrets are files rather than variables', judgedByPeople('it depends on the workloads')),
  control('5.4.2', 'Secrets are kept outside of the cluster', judgedByPeople('it depends on the workloads')),
  control('5.5.1', 'Images come from where they should (ImagePolicyWebhook)', plugInIsOn('ImagePolicyWebhook')),
  control('5.6.1', 'Namespaces separate tenants', judgedByPeople('it depends on the tenants')),
  control('5.6.2', 'Pods run with the seccomp profile of the runtime', seccompByDefault),
  control('5.6.3', 'Pods and containers have security contexts', judgedByPeople('it depends on the workloads')),
  control('5.6.4', 'The namespace default is not used', defaultNamespace),
];
