/** Checks of a join: its arguments, clocks and versions. */
import { createHash, X509Certificate } from 'node:crypto';
import { parseAddress } from '../../api/index.ts';

/** Why a machine cannot join, in one line that says what, where and what to do. */
export class JoinProblem extends Error {
  override readonly name = 'JoinProblem';
}

/** The clocks of two machines may differ by this much: certificates begin five minutes back. */
const clockSkewMsMax = 4 * 60_000;

/** The hash that names an authority, as kubeadm writes it: SHA-256 of its public key (DER, SubjectPublicKeyInfo). */
export function caHashOf(certificate: string): string {
  return `sha256:${createHash('sha256')
    .update(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')}`;
}

/** `HOST` or `HOST:PORT`; an address of IPv6 before a port stands in brackets. */
export function parseEndpoint(text: string): { readonly host: string; readonly port: number } {
  const plain = text.replace(/^https:\/\//, '').replace(/\/$/, '');
  const [, bracketed, name, given = '6443'] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(plain) ?? [];
  const host = bracketed ?? name ?? (parseAddress(plain) === undefined ? '' : plain);
  const port = Number(given);
  if (host === '' || port > 65_535)
    throw new JoinProblem(`${text} is not an address; expected HOST:PORT, as \`troupe token create\` prints it`);
  return { host, port };
}

export function parseCaHash(text: string): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(text))
    throw new JoinProblem(
      `--ca-hash ${text} is not a hash; ` +
        'expected sha256: and 64 hexadecimal digits, as `troupe token create` prints it',
    );
  return text;
}

export function parseToken(text: string): string {
  if (!/^[a-z0-9]{6}\.[a-z0-9]{16}$/.test(text))
    throw new JoinProblem(
      '--token is not a token (six characters, a dot, sixteen characters); ' +
        'create one with `troupe token create` on a member',
    );
  return text;
}

/** `date`: the member's Date header; `now`: this machine's wall clock, ms. Undefined: the clocks agree. */
export function clockSkewProblem(date: string | undefined, now: number): string | undefined {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs) || Math.abs(theirs - now) <= clockSkewMsMax) return undefined;
  const seconds = Math.round(Math.abs(theirs - now) / 1000);
  const order = now < theirs ? 'behind' : 'ahead of';
  return (
    `the clock of this machine is ${seconds} s ${order} the member's, so certificates would not be valid; ` +
    'set it (`timedatectl set-ntp true`) and join again'
  );
}

/** Machines of a cluster may be one minor version apart. A checkout has no version and fits any. */
export function versionSkewProblem(theirs: string, ours: string): string | undefined {
  const minor = (text: string): readonly [number, number] | undefined => {
    const match = /^v?(\d+)\.(\d+)\./.exec(text);
    return match === null ? undefined : [Number(match[1]), Number(match[2])];
  };
  const [one, other] = [minor(theirs), minor(ours)];
  if (one === undefined || other === undefined || (one[0] === other[0] && Math.abs(one[1] - other[1]) <= 1))
    return undefined;
  return (
    `the cluster runs version ${theirs} and this machine version ${ours}; ` +
    `they may be one minor version apart: install one that is close to ${theirs} here`
  );
}
