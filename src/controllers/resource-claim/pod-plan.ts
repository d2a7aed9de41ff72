/** Decides which claims a pod still needs from templates, and what its status says of them. */
import {
  isFinished,
  isReservedForPod,
  type Pod,
  type PodResourceClaim,
  type ResourceClaim,
  type ResourceClaimTemplate,
} from '../../api/index.ts';
import { fnv1a } from '../../base/index.ts';
import { controllerReference, isControlledBy, type Note } from '../runtime/index.ts';

/** Says for which of a pod's claims a ResourceClaim was made. */
const claimAnnotation = 'resource.kubernetes.io/pod-claim-name';
/** The longest name of an object, and what the suffix of a made one takes. */
const nameMax = 253;
const suffixLetters = 5;
/** The letters of made names: no vowels and no look-alikes (rand.SafeEncodeString). */
const letters = 'bcdfghjklmnpqrstvwxz2456789';

export interface PodObserved {
  readonly pod: Pod;
  template(name: string): ResourceClaimTemplate | undefined;
  /** The claims of the pod's namespace that it owns. */
  readonly owned: readonly ResourceClaim[];
  claim(name: string): ResourceClaim | undefined;
}

interface PodPlan {
  /** Claims to make, under names that follow from the pod. */
  readonly create: readonly NewClaim[];
  /** What `status.resourceClaimStatuses` is to be; undefined: it is right. Counts once the claims are made. */
  readonly statuses?: readonly { readonly name: string; readonly resourceClaimName: string }[] | undefined;
  /** Claims that a pod with a node uses although no scheduler has reserved them. */
  readonly reserve: readonly ResourceClaim[];
  readonly notes: readonly Note[];
}

interface NewClaim {
  readonly name: string;
  readonly object: object;
}

const nothing: PodPlan = { create: [], reserve: [], notes: [] };

/** Plans for one pod. A pod that has ended or is ending gets nothing more. */
export function planPod(observed: PodObserved): PodPlan {
  const { pod } = observed;
  const entries = pod.spec.resourceClaims ?? [];
  if (entries.length === 0 || pod.metadata.deletionTimestamp !== undefined || isFinished(pod)) return nothing;
  const create: NewClaim[] = [];
  const notes: Note[] = [];
  const made = new Map<string, string>();
  for (const entry of entries) {
    if (entry.resourceClaimTemplateName === undefined) continue;
    const known = ownClaim(observed, entry);
    if (known !== undefined) {
      made.set(entry.name, known.metadata.name);
      continue;
    }
    const claim = newClaim(observed, entry);
    if ('message' in claim) notes.push(claim);
    else {
      create.push(claim);
      made.set(entry.name, claim.name);
    }
  }
  return { create, statuses: changedStatuses(pod, made), reserve: unreserved(observed), notes };
}

/** The claim that was made for the pod; it is found without the pod's status, which may not be written yet. */
function ownClaim({ pod, owned }: PodObserved, entry: PodResourceClaim): ResourceClaim | undefined {
  return owned.find(
    (claim) => isControlledBy(claim, pod) && claim.metadata.annotations?.[claimAnnotation] === entry.name,
  );
}

const warning = (entry: PodResourceClaim, message: string): Note => ({
  type: 'Warning',
  reason: 'FailedResourceClaimCreation',
  message: `PodResourceClaim ${entry.name}: ${message}`,
});

function newClaim(observed: PodObserved, entry: PodResourceClaim): NewClaim | Note {
  const { pod } = observed;
  const { resourceClaimTemplateName = '' } = entry;
  const template = observed.template(resourceClaimTemplateName);
  if (template === undefined) return warning(entry, `resource claim template "${resourceClaimTemplateName}" not found`);
  const generateName = `${`${pod.metadata.name}-${entry.name}`.slice(0, nameMax - suffixLetters - 1)}-`;
  const { labels, annotations } = template.spec.metadata ?? {};
  const name = freeName(observed, generateName, entry.name);
  return {
    name,
    object: {
      apiVersion: 'resource.k8s.io/v1beta1',
      kind: 'ResourceClaim',
      metadata: {
        name,
        generateName,
        namespace: pod.metadata.namespace,
        labels,
        annotations: { ...annotations, [claimAnnotation]: entry.name },
        ownerReferences: [controllerReference({ ...pod, apiVersion: 'v1', kind: 'Pod' })],
      },
      spec: template.spec.spec,
    },
  };
}

/** The same for the same pod, so that trying again is harmless; another one where somebody else has that. */
function freeName({ pod, claim }: PodObserved, prefix: string, entry: string): string {
  for (let tries = 0; ; tries++) {
    const name = `${prefix}${suffixOf(`${pod.metadata.uid}/${entry}/${tries}`)}`;
    if (claim(name) === undefined) return name;
  }
}

function suffixOf(text: string): string {
  let rest = fnv1a(text);
  let suffix = '';
  for (let letter = 0; letter < suffixLetters; letter++) {
    suffix += letters[rest % letters.length] ?? '';
    rest = Math.floor(rest / letters.length);
  }
  return suffix;
}

function changedStatuses(pod: Pod, made: ReadonlyMap<string, string>): PodPlan['statuses'] {
  const known = new Map((pod.status.resourceClaimStatuses ?? []).map((one) => [one.name, one.resourceClaimName]));
  const wrong = [...made].some(([name, claim]) => known.get(name) !== claim);
  return wrong ? [...made].map(([name, resourceClaimName]) => ({ name, resourceClaimName })) : undefined;
}

/** A pod that was given a node by itself reserves its claims by itself; without devices they stay as they are. */
function unreserved({ pod, claim, owned }: PodObserved): readonly ResourceClaim[] {
  if ((pod.spec.nodeName ?? '') === '') return [];
  const named = (pod.spec.resourceClaims ?? []).flatMap((entry) => {
    const found =
      entry.resourceClaimName === undefined
        ? ownClaim({ pod, claim, owned, template: () => undefined }, entry)
        : claim(entry.resourceClaimName);
    return found === undefined ? [] : [found];
  });
  return named.filter(
    (found) =>
      found.status?.allocation !== undefined &&
      found.metadata.deletionTimestamp === undefined &&
      !isReservedForPod(found, pod.metadata.uid),
  );
}
