/** How members are reached, as they write it into the store. */
import type { Revision } from '../base/index.ts';
import type { Operation, Store, StoreEvent } from '../state/index.ts';

/** How the others reach a member. */
export interface MemberRecord {
  readonly name: string;
  readonly host: string;
  readonly apiPort: number;
  /** Its NATS server, for clients. */
  readonly natsPort: number;
  /** Its NATS server, for the others'. */
  readonly routePort: number;
  /** Of Troupe. */
  readonly version: string;
  /** A replica follows the store without a vote and answers requests. Absent: a member that votes. */
  readonly role?: 'replica' | undefined;
  /** Of a replica on the machine of a member: that member, whose ports and NATS server it uses. */
  readonly beside?: string | undefined;
  /** A public key, PEM: what is sealed to it, this member alone reads. Absent before its first start. */
  readonly sealingKey?: string | undefined;
}

/** Beside the shards' keys: no API group has such a name. */
const prefix = '/ownership/members/';

/** All members that said how they are reached, by name; replicas too. */
export function memberRecords(store: Pick<Store, 'range'>): readonly MemberRecord[] {
  return store.range({ prefix }).records.map((record) => record.object<MemberRecord>());
}

/** Those with ports of their own: replicas beside a member are reached at the member's. */
export const withOwnPorts = <Member extends Pick<MemberRecord, 'beside'>>(
  members: readonly Member[],
): readonly Member[] => members.filter(({ beside }) => beside === undefined);

export const isMemberRecord = ({ record }: StoreEvent): boolean => record.key.startsWith(prefix);

/** Writes it unless it stands there already. */
export async function putMemberRecord(store: Pick<Store, 'get' | 'transact'>, member: MemberRecord): Promise<void> {
  const key = `${prefix}${member.name}`;
  const text = JSON.stringify(member);
  const known = store.get(key);
  if (known !== undefined && new TextDecoder().decode(known.bytes) === text) return;
  await store.transact({ compares: [], operations: [put(key, text)] });
}

const put = (key: string, text: string): Operation => ({
  type: 'put',
  key,
  value: new TextEncoder().encode(text),
  revisionAt: -1,
  index: { uid: '', labels: {}, fields: {}, owners: [] },
});

const tokenPrefix = '/ownership/join-tokens/';
/** In a compare: the key must not exist. */
const absent = 0 as Revision;

/**
 * Uses up a token for members: it belongs to the first machine that joins by it, who may ask again. False: it was
 * another's. Rejects with StoreError.
 */
export async function useJoinToken(
  store: Pick<Store, 'get' | 'transact'>,
  token: string,
  { name, host }: Pick<MemberRecord, 'name' | 'host'>,
): Promise<boolean> {
  const key = `${tokenPrefix}${token}`;
  const user = `${name} ${host}`;
  const { committed } = await store.transact({ compares: [{ key, revision: absent }], operations: [put(key, user)] });
  return committed || new TextDecoder().decode(store.get(key)?.bytes) === user;
}

/** Harmless when there is none. */
export async function deleteMemberRecord(store: Pick<Store, 'transact'>, name: string): Promise<void> {
  await store.transact({ compares: [], operations: [{ type: 'delete', key: `${prefix}${name}` }] });
}
