/** Which labels of its own Node an agent may set. */

/** Labels that only administrators give: with them they steer pods to nodes that others do not control. */
const restrictedNamespace = 'node-restriction.kubernetes.io';

/** The labels of Kubernetes' own that a node tells of itself, and the namespaces of such labels. */
const nodeLabels: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
]);
const nodeNamespaces = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

type Labels = Readonly<Record<string, string>> | undefined;

const isWithin = (namespace: string, domain: string): boolean =>
  namespace === domain || namespace.endsWith(`.${domain}`);

function isForbidden(label: string): boolean {
  const cut = label.indexOf('/');
  const namespace = cut < 0 ? '' : label.slice(0, cut);
  if (isWithin(namespace, restrictedNamespace)) return true;
  if (!isWithin(namespace, 'kubernetes.io') && !isWithin(namespace, 'k8s.io')) return false;
  return !nodeLabels.has(label) && !nodeNamespaces.some((domain) => isWithin(namespace, domain));
}

/** The labels among those that differ which no node may set, change or take away itself; sorted. */
export function forbiddenLabels(labels: Labels, old: Labels): readonly string[] {
  const keys = new Set([...Object.keys(labels ?? {}), ...Object.keys(old ?? {})]);
  return [...keys].filter((key) => labels?.[key] !== old?.[key] && isForbidden(key)).sort();
}
