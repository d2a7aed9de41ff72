/** Settles which pods belong to a workload. */
import { type LabelSelector, type Pod, resources, type StoredObject } from '../../api/index.ts';
import { claim, type ControllerPorts, performClaims } from '../runtime/index.ts';
import type { OrphanPods } from './orphans.ts';

interface Ownership {
  readonly selector: LabelSelector;
  readonly orphans: OrphanPods;
  /** Which of the orphans that match may be adopted; absent: all. */
  readonly adopts?: ((pod: Pod) => boolean) | undefined;
  /** Comes with the adoption and goes with the release. */
  readonly finalizer?: string | undefined;
}

/**
 * The pods of a workload: those that it controls, and orphans that it adopts. It lets go of those that its selector no
 * longer matches.
 */
export async function ownedPods(
  owner: StoredObject,
  { selector, orphans, adopts = () => true, finalizer }: Ownership,
  ports: ControllerPorts,
): Promise<readonly Pod[]> {
  const { uid, namespace } = owner.metadata;
  const free = orphans.list(ports.view, namespace).filter(adopts);
  const { owned, adopt, release } = claim(owner, selector, [...ports.view.ownedBy<Pod>(resources.pods, uid), ...free]);
  await performClaims(ports, resources.pods, { owner, adopt, release, finalizer });
  return [...owned, ...adopt];
}
