/** Leads a rotation of keys through its steps, at the word of an operator. */
import type { Clock, Random } from '../../base/index.ts';
import { memberRecords, type MemberRecord } from '../../shards/index.ts';
import type { StoreMember } from '../../state/index.ts';
import { makeFresh, type RotationPart, rotationParts } from './fresh-secrets.ts';
import {
  hasReached,
  readRotation,
  type RotationRecord,
  type RotationStep,
  rotationSteps,
  takenSteps,
  writeRotation,
} from './rotation-record.ts';
import { seal } from './sealing.ts';

/** Of a node, as its Lease says. */
export interface NodeStanding {
  readonly name: string;
  readonly ready: boolean;
  /** The last step that it has taken of which rotation. */
  readonly taken?: { readonly id: string; readonly step: RotationStep } | undefined;
}

interface ConductorPorts {
  readonly store: StoreMember;
  readonly cluster: string;
  readonly clock: Clock;
  readonly random: Random;
  /** The names of the members that are heard. */
  readonly alive: () => readonly string[];
  readonly nodes: () => readonly NodeStanding[];
  /** Tells clients and nodes of a step that all members have taken. Answers what it still waits for. */
  readonly publish: (rotation: { readonly id: string; readonly step: RotationStep }) => Promise<readonly string[]>;
}

interface RotationAnswer {
  readonly status: number;
  readonly body: object;
}

/** What operators ask of a rotation. */
export interface RotationConductor {
  /** `{begin: [parts], leaveOut: [names]}` begins, or goes on with one that has begun; `{advance: id}` takes it on. */
  order(request: unknown): Promise<RotationAnswer>;
  status(): object;
}

const refused = (status: number, message: string): RotationAnswer => ({ status, body: { message } });

export function rotationConductor(ports: ConductorPorts): RotationConductor {
  const { store } = ports;
  return {
    status: () => statusOf(ports, readRotation(store).record),
    order: async (request) => {
      const { begin, advance, leaveOut = [] } = request as Readonly<Record<string, unknown>>;
      if (!isNames(leaveOut)) return refused(400, 'leaveOut must be a list of names');
      if (isParts(begin)) return await beginRotation(ports, begin, leaveOut);
      if (typeof advance === 'string') return await advanceRotation(ports, advance, leaveOut);
      return refused(400, `the body must be {"begin": [some of ${rotationParts.join(', ')}]} or {"advance": "<id>"}`);
    },
  };
}

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');
const isParts = (value: unknown): value is readonly RotationPart[] =>
  isNames(value) && value.length > 0 && value.every((part) => (rotationParts as readonly string[]).includes(part));

/** Nodes take part where what they trust or show changes. */
const concernsNodes = ({ parts }: Pick<RotationRecord, 'parts'>): boolean =>
  parts.includes('authority') || parts.includes('signing-key');

async function beginRotation(
  ports: ConductorPorts,
  parts: readonly RotationPart[],
  leaveOut: readonly string[],
): Promise<RotationAnswer> {
  const { store, cluster, clock, random } = ports;
  const { record, revision } = readRotation(store);
  if (record !== undefined && record.step !== 'done') {
    if (parts.every((part) => record.parts.includes(part))) return { status: 200, body: statusOf(ports, record) };
    return refused(409, `a rotation of ${record.parts.join(', ')} is under way; finish it first`);
  }
  const problem = absenceOf(ports, { parts, leaveOut });
  if (problem !== undefined) return refused(409, problem);
  const id = random.uuid().slice(0, 8);
  const fresh = JSON.stringify(await makeFresh(parts, { cluster, now: clock.now(), id }));
  const sealed: Record<string, string> = {};
  for (const { name, sealingKey = '' } of members(ports, leaveOut)) sealed[name] = await seal(fresh, sealingKey);
  const next: RotationRecord = { id, parts, step: 'trust', sealed, leftOut: leaveOut };
  if (!(await writeRotation(store, next, revision))) return refused(409, 'another rotation has begun meanwhile');
  return { status: 200, body: statusOf(ports, next) };
}

/** The members that take part. */
function members({ store }: ConductorPorts, leftOut: readonly string[]): readonly MemberRecord[] {
  const names = store.members.list().map(({ name }) => name);
  return memberRecords(store).filter(({ name }) => names.includes(name) && !leftOut.includes(name));
}

/** Who could not take part, and what to do; undefined: everybody can. */
function absenceOf(
  ports: ConductorPorts,
  { parts, leaveOut }: { readonly parts: readonly RotationPart[]; readonly leaveOut: readonly string[] },
): string | undefined {
  const alive = ports.alive();
  const all = ports.store.members.list().map(({ name }) => name);
  const away = [
    ...all.filter((name) => !alive.includes(name)),
    ...(concernsNodes({ parts }) ? ports.nodes() : []).filter(({ ready }) => !ready).map(({ name }) => name),
  ].filter((name) => !leaveOut.includes(name));
  if (away.length > 0)
    return (
      `${away.join(', ')} cannot take part now; start what is down, or give --leave-out NAME: ` +
      'what is left out is shut out until it joins again'
    );
  const ready = members(ports, leaveOut).filter(({ sealingKey }) => sealingKey !== undefined);
  const old = all.filter((name) => !leaveOut.includes(name) && !ready.some((member) => member.name === name));
  return old.length === 0 ? undefined : `${old.join(', ')} runs a version that cannot rotate keys; upgrade it first`;
}

async function advanceRotation(
  ports: ConductorPorts,
  id: string,
  leaveOut: readonly string[],
): Promise<RotationAnswer> {
  const { store } = ports;
  const { record, revision } = readRotation(store);
  if (record?.id !== id) return refused(404, `there is no rotation ${id}`);
  if (record.step === 'done') return { status: 200, body: statusOf(ports, record) };
  const { step } = record;
  const current = { ...record, leftOut: [...new Set([...record.leftOut, ...leaveOut])] };
  const waiting = await waitingFor(ports, current, step);
  if (waiting.length > 0) return { status: 200, body: { ...statusOf(ports, current), waiting } };
  const next = rotationSteps[rotationSteps.indexOf(step) + 1] ?? 'done';
  const advanced: RotationRecord = { ...current, step: next, sealed: next === 'done' ? {} : current.sealed };
  await writeRotation(store, advanced, revision);
  return { status: 200, body: statusOf(ports, readRotation(store).record) };
}

/** Whom the step still lacks: members first, then what clients and nodes are told. */
async function waitingFor(
  ports: ConductorPorts,
  record: RotationRecord,
  step: RotationStep,
): Promise<readonly string[]> {
  const taken = takenSteps(ports.store, record.id);
  const behind = members(ports, record.leftOut).filter(({ name }) => !hasReached(taken.get(name), step));
  if (behind.length > 0) return behind.map(({ name }) => name);
  if (!concernsNodes(record)) return [];
  const published = await ports.publish({ id: record.id, step });
  if (published.length > 0) return published;
  return ports
    .nodes()
    .filter(({ name }) => !record.leftOut.includes(name))
    .filter((node) => !hasReached(node.taken?.id === record.id ? node.taken.step : undefined, step))
    .map(({ name }) => `node ${name}`);
}

function statusOf(ports: ConductorPorts, record: RotationRecord | undefined): object {
  if (record === undefined) return { step: 'none' };
  const { id, parts, step, leftOut } = record;
  const taken = takenSteps(ports.store, id);
  return {
    id,
    parts,
    step,
    leftOut,
    members: members(ports, leftOut).map(({ name }) => ({ name, step: taken.get(name) })),
    nodes: concernsNodes(record)
      ? ports
          .nodes()
          .filter(({ name }) => !leftOut.includes(name))
          .map(({ name, taken: own }) => ({ name, step: own?.id === id ? own.step : undefined }))
      : [],
  };
}
