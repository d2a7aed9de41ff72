import type { KubeObject } from '../../../api/index.ts';

const remembered = new WeakMap<KubeObject, ReadonlySet<string>>();

/** Which secrets, config maps, claims and service account a pod uses, as `resource/name` in the pod's namespace. */
export function podReferences(pod: KubeObject): ReadonlySet<string> {
  const known = remembered.get(pod);
  if (known !== undefined) return known;
  const references = new Set<string>();
  const spec = pod.spec as PodSpec | undefined;
  references.add(`serviceaccounts/${spec?.serviceAccountName ?? 'default'}`);
  for (const secret of spec?.imagePullSecrets ?? []) add(references, 'secrets', secret.name);
  for (const volume of spec?.volumes ?? []) addVolume(references, volume, pod.metadata.name ?? '');
  for (const container of [
    ...(spec?.initContainers ?? []),
    ...(spec?.containers ?? []),
    ...(spec?.ephemeralContainers ?? []),
  ])
    addEnvironment(references, container);
  remembered.set(pod, references);
  return references;
}

interface Named {
  readonly name?: string | undefined;
}
interface Source {
  readonly secret?: { readonly secretName?: string; readonly name?: string };
  readonly configMap?: Named | undefined;
}
interface Volume extends Source {
  readonly name: string;
  readonly projected?: { readonly sources?: readonly Source[] | null | undefined };
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly ephemeral?: unknown;
}
interface Container {
  readonly env?: readonly {
    readonly valueFrom?: { readonly secretKeyRef?: Named; readonly configMapKeyRef?: Named };
  }[];
  readonly envFrom?: readonly { readonly secretRef?: Named; readonly configMapRef?: Named }[];
}
interface PodSpec {
  readonly serviceAccountName?: string | undefined;
  readonly imagePullSecrets?: readonly Named[] | undefined;
  readonly volumes?: readonly Volume[] | undefined;
  readonly containers?: readonly Container[] | undefined;
  readonly initContainers?: readonly Container[] | undefined;
  readonly ephemeralContainers?: readonly Container[] | undefined;
}

function add(references: Set<string>, resource: string, name: string | undefined): void {
  if (name !== undefined && name !== '') references.add(`${resource}/${name}`);
}

function addVolume(references: Set<string>, volume: Volume, pod: string): void {
  for (const source of [volume, ...(volume.projected?.sources ?? [])]) {
    add(references, 'secrets', source.secret?.secretName ?? source.secret?.name);
    add(references, 'configmaps', source.configMap?.name);
  }
  add(references, 'persistentvolumeclaims', volume.persistentVolumeClaim?.claimName);
  if (volume.ephemeral !== undefined) add(references, 'persistentvolumeclaims', `${pod}-${volume.name}`);
}

function addEnvironment(references: Set<string>, container: Container): void {
  for (const variable of container.env ?? []) {
    add(references, 'secrets', variable.valueFrom?.secretKeyRef?.name);
    add(references, 'configmaps', variable.valueFrom?.configMapKeyRef?.name);
  }
  for (const source of container.envFrom ?? []) {
    add(references, 'secrets', source.secretRef?.name);
    add(references, 'configmaps', source.configMapRef?.name);
  }
}
