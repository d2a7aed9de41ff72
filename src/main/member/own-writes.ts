/** The writes of a member itself, under the fence of a shard and in the audit log. */
import { type Audit, auditedWrites } from '../../api-server/index.ts';
import { StatusError } from '../../api/index.ts';
import type { Clock, Random } from '../../base/index.ts';
import type { MemberService, ResourceService } from '../../resources/index.ts';
import type { Grant } from '../../shards/index.ts';
import { version } from '../process/index.ts';

interface OwnWritesOptions {
  readonly member: string;
  /** Absent: nothing is recorded. */
  readonly audit?: Audit | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** The service for writes on behalf of a shard, under the fence of its grant, or without one for the member. */
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
    return auditedWrites(writing, { userAgent, annotations, since: grant?.fence.revision }, { audit, clock, random });
  };
}

/** Writes while this member owns the shard, and rejects with Conflict while it does not. */
export function ownersService(
  service: ResourceService,
  writes: OwnWrites,
  grant: () => Grant | undefined,
): ResourceService {
  const own = (): ResourceService => {
    const now = grant();
    if (now === undefined) throw new StatusError('Conflict', 'another member owns this work now');
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
