/** Admission plug-in PodSecurity: pods against the level of their namespace. */
import {
  type CheckedPod,
  describeViolations,
  forbiddenError,
  invalidError,
  isSignificantChange,
  isStricter,
  type JsonObject,
  type KubeObject,
  type LevelVersion,
  levelVersionText,
  podViolations,
  policyOfLabels,
  policyText,
  sameLevel,
  samePolicy,
  violationNames,
  metadataOf,
  resources,
} from '../../../api/index.ts';
import { resourceOf } from '../../writing/metadata.ts';
import type { AdmissionPlugin, WritePorts } from '../../ports.ts';
import { readObject, readObjects } from '../../stored/reading.ts';
import { type AdmissionRequest, isAbout } from '../request.ts';

const { namespaces } = resources;
/** Existing pods that a new level is held against at most. */
const podsMax = 3_000;
/** Subresources of pods that cannot change what the standards look at. */
const ignored: ReadonlySet<string> = new Set([
  'exec',
  'attach',
  'binding',
  'eviction',
  'log',
  'portforward',
  'proxy',
  'status',
]);

/** Where each kind that makes pods has their template. */
const templates: Readonly<Record<string, readonly string[]>> = {
  '/podtemplates': ['template'],
  '/replicationcontrollers': ['spec', 'template'],
  'apps/replicasets': ['spec', 'template'],
  'apps/deployments': ['spec', 'template'],
  'apps/statefulsets': ['spec', 'template'],
  'apps/daemonsets': ['spec', 'template'],
  'batch/jobs': ['spec', 'template'],
  'batch/cronjobs': ['spec', 'jobTemplate', 'spec', 'template'],
};

/** Holds pods against the Pod Security Standards that their namespace asks for; of what makes pods it only warns. */
export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  validate(request, ports) {
    const { operation, object } = request;
    if (object === undefined || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
    if (isAbout(request, '', 'namespaces')) validateNamespace(request, ports);
    else if (request.namespace !== undefined && !ignoredHere(request) && !isExempt(request, ports))
      validatePods(request, ports, object);
  },
};

/** Whether it is a subresource of a pod that is not looked at. */
function ignoredHere({ info, subresource }: AdmissionRequest): boolean {
  return info.group === '' && info.resource === 'pods' && ignored.has(subresource);
}

/** Whether the configuration takes the namespace or the user out; the trail says so. */
function isExempt(request: AdmissionRequest, { settings }: WritePorts): boolean {
  const { namespaces: exempt, usernames } = settings.admission.podSecurity.exemptions;
  if (podsPlace(request) === undefined) return false;
  const why = exempt.has(request.namespace ?? '') ? 'namespace' : usernames.has(request.user.name) ? 'user' : undefined;
  if (why === undefined) return false;
  request.annotate?.('pod-security.kubernetes.io/exempt', why);
  return true;
}

/** Where the object of a request has a pod: its path; undefined where it has none. */
function podsPlace({ info, subresource }: AdmissionRequest): readonly string[] | undefined {
  if (info.group === '' && info.resource === 'pods') return [];
  return subresource === '' ? templates[`${info.group}/${info.resource}`] : undefined;
}

function validatePods(request: AdmissionRequest, ports: WritePorts, object: JsonObject): void {
  const { namespace } = request;
  const place = podsPlace(request);
  if (place?.length === 0) {
    if (request.old !== undefined && !isSignificantChange(object as CheckedPod, request.old as CheckedPod)) return;
    evaluate(request, ports, { pod: object as CheckedPod, enforce: true });
    return;
  }
  if (place === undefined || namespace === undefined) return;
  const template = place.reduce<unknown>((value, field) => (value as JsonObject | undefined)?.[field], object);
  if (template !== undefined) evaluate(request, ports, { pod: template as CheckedPod, enforce: false });
}

function evaluate(
  request: AdmissionRequest,
  ports: WritePorts,
  { pod, enforce }: { readonly pod: CheckedPod; readonly enforce: boolean },
): void {
  const configured = ports.settings.admission.podSecurity;
  const runtimeClass = (pod.spec as { readonly runtimeClassName?: string | undefined } | undefined)?.runtimeClassName;
  if (runtimeClass !== undefined && configured.exemptions.runtimeClasses.has(runtimeClass)) {
    request.annotate?.('pod-security.kubernetes.io/exempt', 'runtimeClass');
    return;
  }
  const { policy } = policyOfLabels(
    readObject(ports.store, namespaces, undefined, request.namespace ?? '')?.metadata.labels,
    configured.policy,
  );
  const textFor = (level: LevelVersion): string => {
    const violations = podViolations(pod, level);
    return violations.length === 0
      ? ''
      : `violate PodSecurity "${levelVersionText(level)}": ${describeViolations(violations)}`;
  };
  if (enforce) request.annotate?.('pod-security.kubernetes.io/enforce-policy', levelVersionText(policy.enforce));
  const recorded = request.annotate === undefined ? '' : textFor(policy.audit);
  if (recorded !== '') request.annotate?.('pod-security.kubernetes.io/audit-violations', `would ${recorded}`);
  const refusal = enforce ? textFor(policy.enforce) : '';
  if (refusal !== '')
    throw forbiddenError(resourceOf(request.info), request.name, refusal.replace('violate', 'violates'));
  const warning = textFor(policy.warn);
  if (warning !== '') request.warn(`would ${warning}`);
}

function validateNamespace(request: AdmissionRequest, ports: WritePorts): void {
  const metadata = metadataOf(request.object ?? {}) as KubeObject['metadata'];
  const { policy: defaults, exemptions } = ports.settings.admission.podSecurity;
  const next = policyOfLabels(metadata.labels, defaults);
  const before = request.old === undefined ? undefined : policyOfLabels(request.old.metadata.labels, defaults);
  if (next.errors.length > 0 && JSON.stringify(next.errors) !== JSON.stringify(before?.errors)) {
    throw invalidError({ group: '', kind: 'Namespace', name: metadata.name ?? '', errors: next.errors });
  }
  if (exemptions.namespaces.has(metadata.name ?? '')) {
    const said = policyText(next.policy);
    if (said !== '' && !samePolicy(next.policy, defaults))
      request.warn(
        `namespace "${metadata.name ?? ''}" is exempt from Pod Security, and the policy (${said}) will be ignored`,
      );
    return;
  }
  if (before === undefined) return;
  const [wanted, old] = [next.policy.enforce, before.policy.enforce];
  if (
    sameLevel(wanted, old) ||
    wanted.level === 'privileged' ||
    (wanted.minor === old.minor && !isStricter(wanted, old))
  )
    return;
  for (const text of existingPodsWarnings(ports, metadata.name ?? '', wanted)) request.warn(text);
}

interface PodCount {
  first: string;
  others: number;
}

function existingPodsWarnings(ports: WritePorts, namespace: string, level: LevelVersion): readonly string[] {
  const pods = readObjects(ports.store, resources.pods, namespace);
  const counts = new Map<string, PodCount>();
  for (const pod of pods.slice(0, podsMax)) {
    const name = violationNames(podViolations(pod as CheckedPod, level));
    const count = counts.get(name);
    if (count !== undefined) count.others += 1;
    else if (name !== '') counts.set(name, { first: pod.metadata.name ?? '', others: 0 });
  }
  const texts = [...counts].map(([name, { first, others }]) => `${first}${othersText(others)}: ${name}`).sort();
  return [
    ...(pods.length > podsMax
      ? [`new PodSecurity enforce level only checked against the first ${podsMax} of ${pods.length} existing pods`]
      : []),
    ...(texts.length > 0
      ? [
          `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level ` +
            `"${levelVersionText(level)}"`,
        ]
      : []),
    ...texts,
  ];
}

function othersText(count: number): string {
  if (count === 0) return '';
  return ` (and ${count} other ${count === 1 ? 'pod' : 'pods'})`;
}
