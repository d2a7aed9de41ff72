import { type Audit, auditedWrites } from '../../api-server/index.ts';
import { StatusError } from '../../api/index.ts';
import type { Clock, Random } from '../../base/index.ts';
import type { MemberService, ResourceService } from '../../resources/index.ts';
import type { Grant } from '../../shards/index.ts';
import { version } from '../process/index.ts';

export interface OwnWritesOptions {
  readonly member: string;
  /** Absent: nothing is recorded. */
  readonly audit?: Audit | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * The service for what a member writes by itself: for a shard under the fence of its grant, without one for itself.
 * Each write stands in the audit trail.
 */
export type OwnWrites = (grant?: Grant) => ResourceService;

export function ownWrites(service: MemberService, { member, audit, clock, random }: OwnWritesOptions): OwnWrites {
  const userAgent = `troupe/${version()}`;
  return (grant) => {
    const writing = grant === undefined ? service : service.fenced(grant.fence);
    if (audit === undefined) return writing;
    const annotations = {
      'troupe.dev/member': member,
      ...(grant === undefined
        ? {}
        : { 'troupe.dev/shard': String(grant.shard), 'troupe.dev/epoch': String(grant.epoch) }),
    };
    return auditedWrites(
      writing,
      { userAgent, annotations, ...(grant === undefined ? {} : { since: grant.fence.revision }) },
      { audit, clock, random },
    );
  };
}

/** Writes for a shard that this member owns at that moment; without it, not at all. */
export function ownersService(
  service: ResourceService,
  writes: OwnWrites,
  grant: () => Grant | undefined,
): ResourceService {
  const own = (): ResourceService => {
    const now = grant();
    if (now === undefined) throw new StatusError('Conflict', 'another member does this work now');
    return writes(now);
  };
  return {
    ...service,
    create: (...call) => own().create(...call),
    update: (...call) => own().update(...call),
    patch: (...call) => own().patch(...call),
    delete: (...call) => own().delete(...call),
    deleteCollection: (...call) => own().deleteCollection(...call),
  };
}
