/** What the store knows of a rotation: its step, the sealed secrets, and which member has taken which step. */
import type { Revision } from '../../base/index.ts';
import type { Operation, Store, StoreEvent } from '../../state/index.ts';
import type { RotationPart } from './fresh-secrets.ts';

/**
 * `trust`: the new secrets are believed beside the old ones. `renew`: the new ones are used. `drop`: the old ones open
 * nothing any more.
 */
export const rotationSteps = ['trust', 'renew', 'drop'] as const;
export type RotationStep = (typeof rotationSteps)[number];

export interface RotationRecord {
  readonly id: string;
  readonly parts: readonly RotationPart[];
  readonly step: RotationStep | 'done';
  /** Per member: the fresh secrets, which only its home can read. Empty once it is done. */
  readonly sealed: Readonly<Record<string, string>>;
  /** Members and nodes that nobody waits for; they are shut out. */
  readonly leftOut: readonly string[];
}

interface Taken {
  readonly id: string;
  readonly step: RotationStep;
}

/** Keys of the store's own books: no API group has such a name. */
const recordKey = '/ownership/rotation';
const takenPrefix = '/ownership/rotation-taken/';

const put = (key: string, value: object): Operation => ({
  type: 'put',
  key,
  value: new TextEncoder().encode(JSON.stringify(value)),
  revisionAt: -1,
  index: { uid: '', labels: {}, fields: {}, owners: [] },
});

export const isRotationRecord = ({ record }: StoreEvent): boolean => record.key === recordKey;

/** With the revision for the next write; 0: there is none yet. */
export function readRotation(store: Pick<Store, 'get'>): {
  readonly record: RotationRecord | undefined;
  readonly revision: Revision;
} {
  const found = store.get(recordKey);
  return { record: found?.object<RotationRecord>(), revision: found?.revision ?? (0 as Revision) };
}

/** Whether a rotation is under way. */
export function isRotating(store: Pick<Store, 'get'>): boolean {
  const { record } = readRotation(store);
  return record !== undefined && record.step !== 'done';
}

/** False: somebody else changed it meanwhile. */
export async function writeRotation(
  store: Pick<Store, 'transact'>,
  record: RotationRecord,
  revision: Revision,
): Promise<boolean> {
  const result = await store.transact({
    compares: [{ key: recordKey, revision }],
    operations: [put(recordKey, record)],
  });
  return result.committed;
}

/** The steps that members have taken of the rotation, by member. */
export function takenSteps(store: Pick<Store, 'range'>, id: string): ReadonlyMap<string, RotationStep> {
  const rows = store.range({ prefix: takenPrefix }).records.map((record) => ({
    member: record.key.slice(takenPrefix.length),
    taken: record.object<Taken>(),
  }));
  return new Map(rows.filter(({ taken }) => taken.id === id).map(({ member, taken }) => [member, taken.step]));
}

export async function noteTaken(store: Pick<Store, 'transact'>, member: string, taken: Taken): Promise<void> {
  await store.transact({ compares: [], operations: [put(`${takenPrefix}${member}`, taken)] });
}

/** Whether `step` is `wanted` or comes after it. */
export function hasReached(step: RotationStep | undefined, wanted: RotationStep): boolean {
  return step !== undefined && rotationSteps.indexOf(step) >= rotationSteps.indexOf(wanted);
}
