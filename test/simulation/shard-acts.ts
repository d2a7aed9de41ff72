/** The check that no epoch of a shard had two owners, from audit trails. */

/** A write that a member made by itself for a shard, as the audit trail has it. */
export interface ShardAct {
  readonly shard: number;
  readonly epoch: number;
  readonly member: string;
  /** Of the object that was written, where one was. */
  readonly revision?: number;
}

interface AuditLine {
  readonly responseStatus?: { readonly code?: number };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The acts in lines of audit logs: writes for a shard that succeeded. Others are passed over. */
export function shardActs(lines: readonly string[]): readonly ShardAct[] {
  return lines
    .filter((line) => line.includes('troupe.dev/epoch'))
    .flatMap((line) => {
      const { responseStatus, annotations = {} } = JSON.parse(line) as AuditLine;
      const {
        'troupe.dev/shard': shard,
        'troupe.dev/epoch': epoch,
        'troupe.dev/member': member,
        'troupe.dev/revision': revision,
      } = annotations;
      if (shard === undefined || epoch === undefined || member === undefined || (responseStatus?.code ?? 500) >= 400)
        return [];
      return [
        {
          shard: Number(shard),
          epoch: Number(epoch),
          member,
          ...(revision === undefined ? {} : { revision: Number(revision) }),
        },
      ];
    });
}

/**
 * What speaks against one owner at a time: two members that acted in one epoch of a shard, and an act that was
 * committed after one of a later epoch. Revisions are the order of commits, so no clock is trusted.
 */
export function ownershipProblems(acts: readonly ShardAct[]): readonly string[] {
  const owners = new Map<string, Set<string>>();
  for (const { shard, epoch, member } of acts) {
    const key = `shard ${shard} in epoch ${epoch}`;
    owners.set(key, (owners.get(key) ?? new Set()).add(member));
  }
  const shared = [...owners]
    .filter(([, members]) => members.size > 1)
    .map(([key, members]) => `${key}: ${[...members].sort().join(' and ')} acted`);
  return [...shared, ...lateActs(acts)];
}

function lateActs(acts: readonly ShardAct[]): readonly string[] {
  const newest = new Map<number, ShardAct>();
  const problems: string[] = [];
  const ordered = acts
    .filter(({ revision }) => revision !== undefined)
    .sort((a, b) => (a.revision ?? 0) - (b.revision ?? 0));
  for (const act of ordered) {
    const before = newest.get(act.shard);
    if (before === undefined || act.epoch >= before.epoch) newest.set(act.shard, act);
    else
      problems.push(
        `shard ${act.shard}: ${act.member} acted in epoch ${act.epoch} at revision ${act.revision}, after ` +
          `${before.member} in epoch ${before.epoch} at revision ${before.revision}`,
      );
  }
  return problems;
}
