/** Admits a machine as a member of the cluster. */
import { memberRecords, putMemberRecord, type MemberRecord, useJoinToken } from '../../shards/index.ts';
import { AdministrationError, type StoreMember } from '../../state/index.ts';
import { versionSkewProblem } from './checks.ts';
import { version } from '../process/index.ts';

/** The secrets that all members share. They give full control of the cluster. */
export interface MemberSecrets {
  /** Files of pki/ by name: the authorities with their keys, the key of tokens, the NATS servers' secrets. */
  readonly files: Readonly<Record<string, string>>;
  /** Public keys by which tokens are accepted beside the one that signs. */
  readonly acceptedKeys: Readonly<Record<string, string>>;
  /** The administrator's bearer token. */
  readonly adminToken: string;
}

/** The answer to a machine that was admitted. */
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
  /** The secrets are being replaced. */
  readonly rotating: () => boolean;
}

/** A request to join. */
interface JoinRequest {
  /** The bootstrap token that came with it: its id, which is no secret. Undefined: somebody else may admit members. */
  readonly token: string | undefined;
  readonly body: unknown;
}

const membersMax = 5;
/** Each has a copy of the state, which the leader sends it. */
const replicasMax = 32;
/** A name is a part of subjects, paths and host names (RFC 1123 label). */
const nameForm = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const addressForm = /^\d{1,3}(\.\d{1,3}){3}$/;

const refused = (status: number, message: string): Admission => ({ status, body: { message } });

/**
 * Adds it as a learner of the store and answers with the members' secrets. The caller has checked who sends the
 * request. A token admits one machine; the same request again, from a machine that has not run yet, gets the same
 * answer.
 */
export async function admitMember(ports: AdmissionPorts, { token, body }: JoinRequest): Promise<Admission> {
  const { store, secrets } = ports;
  if (secrets === undefined)
    return refused(
      409,
      'all members of this cluster run on one machine; ' +
        'start a cluster over several machines with `troupe init --address ADDRESS`',
    );
  if (ports.rotating())
    return refused(
      503,
      'the keys of the cluster are being rotated; join when `troupe key status` says that it is done',
    );
  const member = recordOf(body);
  if (member === undefined)
    return refused(
      400,
      'the body must have name, host, apiPort, natsPort, routePort and version of the new member, ' +
        'and may have the role replica',
    );
  const refusal = refusalOf(ports, member);
  if (refusal !== undefined) return refused(409, refusal);
  try {
    if (token !== undefined && !(await useJoinToken(store, token, member)))
      return refused(
        409,
        `the token ${token} was used by another machine; create one for this machine with ` +
          '`troupe token create --role member`',
      );
    await putMemberRecord(store, member);
    await store.members.addLearner(member.name);
  } catch (error) {
    if (!(error instanceof AdministrationError)) throw error;
    return refused(error.retryable ? 503 : 409, error.message);
  }
  return { status: 200, body: { ...secrets, members: memberRecords(store) } satisfies MemberBundle };
}

/** Why the cluster does not admit the member; undefined: it does. */
function refusalOf({ store, alive }: AdmissionPorts, member: MemberRecord): string | undefined {
  const skew = versionSkewProblem(version(), member.version);
  if (skew !== undefined) return skew;
  const rows = store.members.list();
  const known = memberRecords(store);
  const place = known.find(
    ({ name, host, apiPort }) => name !== member.name && host === member.host && apiPort === member.apiPort,
  );
  if (place !== undefined)
    return (
      `member ${place.name} has the address ${place.host}:${place.apiPort}; ` + "give this machine's own with --address"
    );
  const row = rows.find(({ name }) => name === member.name);
  const repeated =
    row?.role === 'learner' &&
    !alive().includes(member.name) &&
    known.find(({ name }) => name === member.name)?.host === member.host;
  if (row !== undefined && !repeated)
    return (
      `a member named ${member.name} is already in the cluster; ` +
      `choose another name with --name, or remove the old one with \`troupe member remove ${member.name}\``
    );
  return row === undefined ? crowdOf(known, member) : undefined;
}

/** Why there is no room for another one; undefined: there is. */
function crowdOf(known: readonly MemberRecord[], { role, name }: MemberRecord): string | undefined {
  const alike = known.filter((other) => other.role === role && other.name !== name).length;
  if (role === 'replica')
    return alike < replicasMax
      ? undefined
      : `the cluster has ${alike} replicas, and the leader sends each of them every write; remove one first`;
  return alike < membersMax
    ? undefined
    : `the cluster has ${alike} members, and more than ${membersMax} make it slower, not safer; ` +
        'remove one first, or join with --role replica, which answers requests without a vote, or as a node';
}

/** Undefined for anything but the description of a member. */
function recordOf(request: unknown): MemberRecord | undefined {
  const { name, host, apiPort, natsPort, routePort, version: theirs, role } = request as Record<string, unknown>;
  const ports = [apiPort, natsPort, routePort].every(
    (port) => typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536,
  );
  if (
    typeof name !== 'string' ||
    !nameForm.test(name) ||
    typeof host !== 'string' ||
    !addressForm.test(host) ||
    !ports ||
    typeof theirs !== 'string' ||
    (role !== undefined && role !== 'replica')
  )
    return undefined;
  return { name, host, apiPort, natsPort, routePort, version: theirs, role } as MemberRecord;
}
