/** Rotates the keys of service accounts' tokens where each member has its own files. */
import { createPublicKey } from 'node:crypto';
import { errorMessage, type Logger } from '../../../base/index.ts';
import { type Bus, BusError, decode, encode, type Subjects } from '../../../bus/index.ts';
import { AdministrationError } from '../../../state/index.ts';
import { signingKeyId, type SigningKeyOptions, type SigningKeys } from './signing-keys.ts';

/**
 * The files of a member's keys for service accounts' tokens. Each call changes them and answers the keys that hold from
 * then on.
 */
export interface SigningKeyFiles {
  accept(publicKey: string): SigningKeyOptions;
  sign(privateKey: string): SigningKeyOptions;
  drop(id: string): SigningKeyOptions;
}

export interface KeyRotation {
  /**
   * Has a new key sign on every member. Resolves with the ids of both. Rejects with AdministrationError: nothing has
   * changed then but which keys are accepted, or it is to be done again.
   */
  rotate(): Promise<{ readonly signing: string; readonly before: string }>;
  /** No member accepts tokens of that key any longer. Rejects with AdministrationError. */
  drop(id: string): Promise<void>;
  close(): void;
}

interface KeyRotationPorts {
  readonly bus: Bus;
  readonly subjects: Pick<Subjects, 'keys'>;
  readonly member: string;
  /** The names of all members, and of those that are heard. */
  readonly members: () => { readonly all: readonly string[]; readonly alive: readonly string[] };
  readonly keys: SigningKeys;
  readonly files: SigningKeyFiles;
  /** Makes a private key, as PEM. */
  readonly makeKey: () => Promise<string>;
  readonly log: Logger;
}

/**
 * What one member orders another to do. Only members may send to, or hear, its subject; between machines it travels in
 * TLS.
 */
type Order = { readonly type: 'accept' | 'sign' | 'drop'; /** PEM, or a key's id. */ readonly key: string };

const deadlineMs = 5_000;

/**
 * The keys of service accounts' tokens on several machines, where each member has files of its own. A member that is
 * asked to rotate makes a key, has every member accept it, and when all have, has every member sign by it: a token
 * holds wherever it is shown, at each moment.
 */
export function keyRotation(ports: KeyRotationPorts): KeyRotation {
  const { bus, subjects, member, keys, log } = ports;
  const subscription = bus.subscribe(subjects.keys(member), ({ payload, reply }) => {
    if (reply === undefined) return;
    const answer = encode(answerTo(ports, payload));
    try {
      bus.publish(reply, answer);
    } catch (error) {
      // The member that asked gets no answer, and retries.
      if (!(error instanceof BusError)) throw error;
    }
  });
  const everywhere = async (order: Order): Promise<void> => {
    const others = ports.members().all.filter((name) => name !== member);
    await Promise.all(others.map((name) => send(ports, name, order)));
    obey(ports, order);
  };
  return {
    rotate: async () => {
      requireAll(ports);
      const fresh = await ports.makeKey();
      const before = keys.signing.id;
      await everywhere({ type: 'accept', key: String(createPublicKey(fresh).export({ type: 'spki', format: 'pem' })) });
      await everywhere({ type: 'sign', key: fresh });
      log.info('a new key signs the tokens of service accounts', { signing: signingKeyId(fresh), before });
      return { signing: signingKeyId(fresh), before };
    },
    drop: async (id) => {
      requireAll(ports);
      if (keys.signing.id === id) throw new AdministrationError('in-use', `${id} signs; rotate first`);
      if (!keys.verification.has(id)) throw new AdministrationError('unknown-key', `there is no key ${id}`);
      await everywhere({ type: 'drop', key: id });
    },
    close: () => {
      subscription.close();
    },
  };
}

/** One that did not hear of a key would refuse its tokens. */
function requireAll({ members }: KeyRotationPorts): void {
  const { all, alive } = members();
  const silent = all.filter((name) => !alive.includes(name));
  if (silent.length > 0)
    throw new AdministrationError(
      'silent-member',
      `${silent.join(', ')} must be alive: every member has to know the keys`,
    );
}

async function send({ bus, subjects }: KeyRotationPorts, member: string, order: Order): Promise<void> {
  let problem: unknown;
  try {
    const { payload } = await bus.request(subjects.keys(member), encode(order), { deadlineMs });
    problem = (decode(payload) as { readonly problem?: unknown }).problem;
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
    problem = error.message;
  }
  if (problem !== undefined)
    throw new AdministrationError(
      'silent-member',
      `${member} did not take the change of keys (${String(problem)}); do it again`,
    );
}

function answerTo(ports: KeyRotationPorts, payload: Uint8Array): { readonly problem?: string } {
  try {
    const { type, key } = decode(payload) as Record<string, unknown>;
    if ((type !== 'accept' && type !== 'sign' && type !== 'drop') || typeof key !== 'string')
      return { problem: 'it does not know this order' };
    obey(ports, { type, key });
    return {};
  } catch (error) {
    return { problem: errorMessage(error) };
  }
}

/** In force when it returns. */
function obey({ keys, files }: KeyRotationPorts, { type, key }: Order): void {
  keys.replace(files[type](key));
}
