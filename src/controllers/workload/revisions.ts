/** The history of a workload's templates, as ControllerRevisions. */
import {
  type ControllerRevision,
  type DaemonSet,
  parseTime,
  type PodTemplateSpec,
  resources,
  type StatefulSet,
} from '../../api/index.ts';
import {
  claim,
  type ControllerPorts,
  controllerReference,
  deleteObject,
  isAlreadyExists,
  patchObject,
  performClaims,
  performAll,
  stableText,
} from '../runtime/index.ts';
import { templateHash } from './template-hash.ts';

type RevisionOwner = DaemonSet | StatefulSet;

/** What a revision holds of its owner. */
interface RevisionData {
  readonly spec?: { readonly template?: PodTemplateSpec & { readonly $patch?: string } };
}

/** How the two owners of revisions differ. */
interface RevisionStyle {
  /** The label of a revision that holds its hash. */
  readonly hashLabel: string;
}

/** Kubernetes writes the template as a map, keys in order; clients compare the bytes to find the current revision. */
const dataOf = (template: PodTemplateSpec): RevisionData =>
  inKeyOrder({ spec: { template: { ...template, $patch: 'replace' } } }) as RevisionData;

function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, inKeyOrder(member)]));
}

function byRevision(a: ControllerRevision, b: ControllerRevision): number {
  return (
    a.revision - b.revision ||
    (parseTime(a.metadata.creationTimestamp) ?? 0) - (parseTime(b.metadata.creationTimestamp) ?? 0) ||
    (a.metadata.name < b.metadata.name ? -1 : 1)
  );
}

/** The template that a revision holds. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec | undefined {
  const template = (revision.data as RevisionData | undefined)?.spec?.template;
  if (template === undefined) return undefined;
  const { $patch: _patch, ...rest } = template;
  return rest;
}

/** The revision of the template, whatever its number: equal data is the same revision. */
function revisionOfTemplate(
  revisions: readonly ControllerRevision[],
  template: PodTemplateSpec,
): ControllerRevision | undefined {
  const wanted = stableText(dataOf(template));
  return [...revisions]
    .sort(byRevision)
    .reverse()
    .find((revision) => stableText(revision.data) === wanted);
}

/** The owner's revisions, oldest first; orphans that match are taken over. */
export async function ownedRevisions(
  owner: RevisionOwner,
  ports: ControllerPorts,
): Promise<readonly ControllerRevision[]> {
  const all = ports.view.list<ControllerRevision>(resources.controllerRevisions, owner.metadata.namespace);
  const claims = claim(owner, owner.spec.selector, all);
  await performClaims(ports, resources.controllerRevisions, { owner, adopt: claims.adopt, release: claims.release });
  return [...claims.owned, ...claims.adopt].sort(byRevision);
}

type CurrentRevision =
  | { readonly type: 'revision'; readonly revision: ControllerRevision }
  | { readonly type: 'collision' };

/**
 * Sees that the owner's template has a revision, and that it is the newest: an old one that is wished again gets a new
 * number.
 */
export async function syncRevision(
  owner: RevisionOwner,
  revisions: readonly ControllerRevision[],
  options: { readonly style: RevisionStyle; readonly ports: ControllerPorts },
): Promise<CurrentRevision> {
  const { ports } = options;
  const next = (revisions.at(-1)?.revision ?? 0) + 1;
  const known = revisionOfTemplate(revisions, owner.spec.template);
  if (known === undefined) return createRevision(owner, next, options);
  if (known === revisions.at(-1)) return { type: 'revision', revision: known };
  await patchObject(ports, resources.controllerRevisions, known, { revision: next });
  return { type: 'revision', revision: { ...known, revision: next } };
}

async function createRevision(
  owner: RevisionOwner,
  revision: number,
  options: { readonly style: RevisionStyle; readonly ports: ControllerPorts },
): Promise<CurrentRevision> {
  const { style, ports } = options;
  const { template } = owner.spec;
  const hash = templateHash(template, owner.status?.collisionCount ?? 0);
  const { name, namespace = '', annotations } = owner.metadata;
  const object = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: { ...template.metadata?.labels, [style.hashLabel]: hash },
      annotations,
      ownerReferences: [controllerReference(owner)],
    },
    data: dataOf(template),
    revision,
  };
  try {
    const made = await ports.client.create<ControllerRevision>({ ...resources.controllerRevisions, namespace }, object);
    return { type: 'revision', revision: made.object };
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const existing = await ports.client.get<ControllerRevision>({
      ...resources.controllerRevisions,
      namespace,
      name: object.metadata.name,
    });
    return stableText(existing.data) === stableText(object.data)
      ? { type: 'revision', revision: existing }
      : { type: 'collision' };
  }
}

/** Deletes the oldest revisions beyond the history limit that nothing uses. */
export async function pruneRevisions(
  owner: RevisionOwner,
  revisions: readonly ControllerRevision[],
  options: { readonly inUse: (revision: ControllerRevision) => boolean; readonly ports: ControllerPorts },
): Promise<void> {
  const unused = revisions.filter((revision) => !options.inUse(revision));
  const surplus = unused.length - (owner.spec.revisionHistoryLimit ?? 10);
  if (surplus > 0)
    await performAll(
      unused.slice(0, surplus).map((revision) => deleteObject(options.ports, resources.controllerRevisions, revision)),
    );
}
