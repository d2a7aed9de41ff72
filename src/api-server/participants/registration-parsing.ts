/** Reads registrations of external controllers. */
import { badRequest } from '../../api/index.ts';
import { decode, encode } from '../../bus/index.ts';
import type { Registration } from '../../protocol/index.ts';
import { textOf, utf8 } from '../request.ts';

/** JSON or msgpack, as the participant writes. */
export interface Wire {
  read(payload: Uint8Array): unknown;
  write(value: unknown): Uint8Array;
}

const jsonWire: Wire = {
  read: (payload) => JSON.parse(textOf(payload)) as unknown,
  write: (value) => utf8(JSON.stringify(value)),
};
const msgpackWire: Wire = { read: decode, write: encode };
const brace = 0x7b;

export function wireOf(payload: Uint8Array): Wire {
  return payload[0] === brace ? jsonWire : msgpackWire;
}

const registrationLimits = {
  heartbeatMs: 2_000,
  heartbeatMsMin: 200,
  heartbeatMsMax: 60_000,
  reconcileMs: 30_000,
  reconcileMsMin: 500,
  reconcileMsMax: 600_000,
  resourcesMax: 32,
} as const;

export type CheckedRegistration = Required<Registration>;

/** What a participant asks for, complete. Throws the 400 that says what is wrong. */
export function parseRegistration(payload: Uint8Array): CheckedRegistration {
  let value: unknown;
  try {
    value = wireOf(payload).read(payload);
  } catch {
    throw badRequest('the registration is neither JSON nor msgpack');
  }
  if (typeof value !== 'object' || value === null) throw badRequest('the registration must be an object');
  const { type, name, instance, resources, inbox, heartbeatMs, reconcileMs } = value as Readonly<
    Record<string, unknown>
  >;
  if (type !== 'register') throw badRequest('type must be register');
  const between = registrationLimits;
  return {
    type,
    name: named(name, 'name'),
    instance: named(instance, 'instance'),
    resources: resourcesOf(resources),
    inbox: subjectOf(inbox),
    heartbeatMs: bounded(heartbeatMs ?? between.heartbeatMs, 'heartbeatMs', [
      between.heartbeatMsMin,
      between.heartbeatMsMax,
    ]),
    reconcileMs: bounded(reconcileMs ?? between.reconcileMs, 'reconcileMs', [
      between.reconcileMsMin,
      between.reconcileMsMax,
    ]),
  };
}

function named(value: unknown, field: string): string {
  if (typeof value !== 'string' || !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value))
    throw badRequest(`${field} must be a lower-case name of letters, digits and dashes, 63 at most`);
  return value;
}

function subjectOf(value: unknown): string {
  if (typeof value !== 'string' || !/^_INBOX\.[^\s*>]+$/.test(value))
    throw badRequest("inbox must be a subject of the client's own, below _INBOX");
  return value;
}

function bounded(value: unknown, field: string, [least, most]: readonly [number, number]): number {
  if (typeof value !== 'number' || !(value >= least && value <= most))
    throw badRequest(`${field} must be a number from ${least} to ${most}`);
  return value;
}

function resourcesOf(value: unknown): CheckedRegistration['resources'] {
  const most = registrationLimits.resourcesMax;
  if (!Array.isArray(value) || value.length === 0 || value.length > most)
    throw badRequest(`resources must be a list of 1 to ${most} kinds`);
  return value.map((item: unknown) => {
    const {
      group = '',
      resource,
      namespace,
    } = (typeof item === 'object' && item !== null ? item : {}) as Readonly<Record<string, unknown>>;
    if (typeof group !== 'string' || typeof resource !== 'string' || resource === '')
      throw badRequest('each of resources must name a group and a resource (its plural, in lower case)');
    if (namespace !== undefined && namespace !== null && typeof namespace !== 'string')
      throw badRequest('namespace must be a text');
    return { group, resource, ...(typeof namespace === 'string' && namespace !== '' ? { namespace } : {}) };
  });
}
