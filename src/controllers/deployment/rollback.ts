/** Decides what a Deployment goes back to when it asks for an earlier revision. */
import type { Deployment, PodTemplateSpec, ReplicaSet } from '../../api/index.ts';
import { ownAnnotations, revisionOf, rollbackTo, sameTemplate, templateOf } from './deployment.ts';
import type { Note } from '../runtime/index.ts';

/** What an asked rollback comes to: the deployment as it is to be written, which asks no more, and what is told. */
export interface Rollback {
  readonly template: PodTemplateSpec;
  readonly annotations: Readonly<Record<string, string>>;
  readonly note: Note;
}

/** The rollback that the deployment's annotation asks for: to a revision, or with 0 to the one before the last. */
export function planRollback(deployment: Deployment, sets: readonly ReplicaSet[]): Rollback | undefined {
  const { [rollbackTo]: asked = '', ...annotations } = deployment.metadata.annotations ?? {};
  if (!/^[+-]?\d+$/.test(asked)) return undefined;
  const stay = (reason: string, message: string): Rollback => ({
    template: deployment.spec.template,
    annotations,
    note: { type: 'Warning', reason, message },
  });
  const revision = BigInt(asked) === 0n ? lastRevision(sets) : BigInt(asked);
  if (revision === 0n) return stay('DeploymentRollbackRevisionNotFound', 'Unable to find last revision.');
  const target = sets.find((set) => revisionOf(set) === revision);
  if (target === undefined)
    return stay('DeploymentRollbackRevisionNotFound', 'Unable to find the revision to rollback to.');
  const { name } = deployment.metadata;
  if (sameTemplate(deployment, target))
    return stay(
      'DeploymentRollbackTemplateUnchanged',
      `The rollback revision contains the same template as current deployment "${name}"`,
    );
  return {
    template: templateOf(target),
    annotations: ownAnnotations({ ...deployment, metadata: { ...deployment.metadata, annotations } }, target),
    note: {
      type: 'Normal',
      reason: 'DeploymentRollback',
      message: `Rolled back deployment "${name}" to revision ${String(revision)}`,
    },
  };
}

/** The second greatest revision; 0 when there is none. */
function lastRevision(sets: readonly ReplicaSet[]): bigint {
  return sets.map(revisionOf).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0))[1] ?? 0n;
}
