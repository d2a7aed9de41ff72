/** What operators see of the members, and change. */
import { joinHostPort } from '../../base/index.ts';
import type { KeyRotation, MemberOperator } from '../../api-server/index.ts';
import type { Bus, Subjects } from '../../bus/index.ts';
import {
  deleteMemberRecord,
  drainedMembers,
  memberRecords,
  ownersOf,
  setDrained,
  type Shards,
} from '../../shards/index.ts';
import { AdministrationError, type StoreMember } from '../../state/index.ts';
import { admitMember, type MemberSecrets } from '../join/index.ts';
import { isRotating, type RotationConductor } from '../rotation/index.ts';
import { sayRemoved } from './removal.ts';
import { removeReplica } from './replicas.ts';

interface MemberOperatorParts {
  readonly store: StoreMember;
  readonly shards: Shards;
  readonly bus: Bus;
  readonly subjects: Pick<Subjects, 'removed'>;
  /** Given to a joining member; absent where no other machine can join. */
  readonly secrets: MemberSecrets | undefined;
  /** Absent where the members share their files. */
  readonly rotation: KeyRotation | undefined;
  readonly conductor: RotationConductor;
}

/** What bootstrap tokens' users are called, with the token's id after it. */
const bootstrapUser = 'system:bootstrap:';

export function memberOperator(parts: MemberOperatorParts): MemberOperator {
  const { store, shards, secrets, rotation, conductor } = parts;
  return {
    list: () => {
      const [alive, drained, owners, records] = [
        shards.alive(),
        drainedMembers(store),
        ownersOf(store),
        memberRecords(store),
      ];
      return store.members.list().map(({ name, role, leader }) => {
        const record = records.find((found) => found.name === name);
        return {
          name,
          role: role === 'learner' ? (record?.role ?? role) : role,
          leader,
          alive: alive.includes(name),
          drained: drained.has(name),
          url: record === undefined ? undefined : `https://${joinHostPort(record.host, record.apiPort)}`,
          version: record?.version,
          shards: owners.flatMap((row, shard) => (row?.owner === name ? [{ shard, epoch: row.epoch }] : [])),
        };
      });
    },
    drain: (member, drained) => setDrained(store, member, drained),
    remove: (member) => removeMember(parts, member),
    signingKeys: rotation,
    rotation: conductor,
    admit: (user, body) => {
      const token = user.startsWith(bootstrapUser) ? user.slice(bootstrapUser.length) : undefined;
      const ports = { store, alive: () => shards.alive(), secrets, rotating: () => isRotating(store) };
      return admitMember(ports, { token, body });
    },
  };
}

/** Takes a member's shards, then its vote, then its name, and tells its process. Call it on another member. */
async function removeMember(parts: MemberOperatorParts, member: string): Promise<void> {
  const { store } = parts;
  const rows = store.members.list();
  if (!rows.some(({ name, role }) => name !== member && role === 'voter'))
    throw new AdministrationError(
      'last-voter',
      `${member} is the last voter; \`troupe down --purge\` removes a whole cluster`,
    );
  const drained = drainedMembers(store).has(member);
  await setDrained(store, member, true);
  try {
    if (rows.some(({ name, leader }) => name === member && leader)) await handOver(parts, member);
    await store.members.remove(member);
  } catch (error) {
    // It stays: it works on as before.
    await setDrained(store, member, drained).catch(() => undefined);
    throw error;
  }
  await forget(parts, member);
  await setDrained(store, member, false);
}

/** Nobody follows a member that is gone, and the replicas beside it go with it. */
async function forget({ store, bus, subjects }: MemberOperatorParts, member: string): Promise<void> {
  for (const { name, beside } of memberRecords(store)) {
    if (beside !== member) continue;
    await removeReplica(store, name);
    sayRemoved(bus, subjects, name);
  }
  await deleteMemberRecord(store, member);
  sayRemoved(bus, subjects, member);
}

/** Hands the leadership of a member to the first voter that takes it; those that are known to live are asked first. */
async function handOver({ store, shards }: MemberOperatorParts, member: string): Promise<void> {
  const alive = shards.alive();
  const voters = store.members.list().filter(({ name, role }) => name !== member && role === 'voter');
  const heirs = [
    ...voters.filter(({ name }) => alive.includes(name)),
    ...voters.filter(({ name }) => !alive.includes(name)),
  ];
  let refusal: unknown;
  for (const { name } of heirs) {
    try {
      await store.members.transferLeadership(name);
      return;
    } catch (error) {
      if (!(error instanceof AdministrationError) || error.code !== 'silent-member') throw error;
      refusal = error;
    }
  }
  throw refusal;
}
