import { memberRecords, putMemberRecord, type MemberRecord } from '../../shards/index.ts';
import { AdministrationError, type StoreMember } from '../../state/index.ts';
import { versionSkewProblem } from './checks.ts';
import { version } from '../process/index.ts';

/** What members share and nobody else knows. Who is given it can do everything in the cluster. */
export interface MemberSecrets {
  /** Files of pki/ by name: the authorities with their keys, the key of tokens, the NATS servers' secrets. */
  readonly files: Readonly<Record<string, string>>;
  /** Public keys by which tokens are accepted beside the one that signs. */
  readonly acceptedKeys: Readonly<Record<string, string>>;
  /** The administrator's bearer token. */
  readonly adminToken: string;
}

/** What a machine that joined as a member is told. */
export interface MemberBundle extends MemberSecrets {
  readonly members: readonly MemberRecord[];
}

export interface Admission {
  readonly status: number;
  readonly body: object;
}

interface AdmissionPorts {
  readonly store: StoreMember;
  readonly alive: () => readonly string[];
  readonly secrets: MemberSecrets | undefined;
}

const membersMax = 5;
/** A name is a part of subjects, paths and host names (RFC 1123 label). */
const nameForm = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const addressForm = /^\d{1,3}(\.\d{1,3}){3}$/;

const refused = (status: number, message: string): Admission => ({ status, body: { message } });

/**
 * Takes a machine in as a learner of the store and tells it what members know. Who asks was judged before. The same
 * request again, from a machine that never got so far as to run, is answered the same way.
 */
export async function admitMember({ store, alive, secrets }: AdmissionPorts, request: unknown): Promise<Admission> {
  if (secrets === undefined)
    return refused(
      409,
      'the members of this cluster all run on one machine; a cluster whose members are on several is begun with `troupe init --address ADDRESS`',
    );
  const member = recordOf(request);
  if (member === undefined)
    return refused(400, 'the body must say name, host, apiPort, natsPort, routePort and version of the new member');
  const skew = versionSkewProblem(version(), member.version);
  if (skew !== undefined) return refused(409, skew);
  const rows = store.members.list();
  const known = memberRecords(store);
  const place = known.find(
    ({ name, host, apiPort }) => name !== member.name && host === member.host && apiPort === member.apiPort,
  );
  if (place !== undefined)
    return refused(
      409,
      `member ${place.name} has the address ${place.host}:${place.apiPort}; give this machine's own with --address`,
    );
  const row = rows.find(({ name }) => name === member.name);
  const again =
    row?.role === 'learner' &&
    !alive().includes(member.name) &&
    known.find(({ name }) => name === member.name)?.host === member.host;
  if (row !== undefined && !again)
    return refused(
      409,
      `a member named ${member.name} is in the cluster already; choose another with --name, or take the old one out with \`troupe member remove ${member.name}\``,
    );
  if (row === undefined && rows.length >= membersMax)
    return refused(
      409,
      `the cluster has ${rows.length} members, and more than ${membersMax} make it slower, not safer; remove one first, or join as a node`,
    );
  try {
    await putMemberRecord(store, member);
    await store.members.addLearner(member.name);
  } catch (error) {
    if (!(error instanceof AdministrationError)) throw error;
    return refused(error.retryable ? 503 : 409, error.message);
  }
  return { status: 200, body: { ...secrets, members: memberRecords(store) } satisfies MemberBundle };
}

/** Undefined for what is no member's description. */
function recordOf(request: unknown): MemberRecord | undefined {
  const { name, host, apiPort, natsPort, routePort, version: theirs } = request as Record<string, unknown>;
  const ports = [apiPort, natsPort, routePort].every(
    (port) => typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536,
  );
  if (
    typeof name !== 'string' ||
    !nameForm.test(name) ||
    typeof host !== 'string' ||
    !addressForm.test(host) ||
    !ports ||
    typeof theirs !== 'string'
  )
    return undefined;
  return { name, host, apiPort, natsPort, routePort, version: theirs } as MemberRecord;
}
