/** The port of random values, and its seeded twin. */

/** A source of random values; seeded in tests and in the simulator. */
export interface Random {
  /** A whole number in [0, bound). */
  below(bound: number): number;
  /** A number in [0, 1). */
  fraction(): number;
  /** `count` random bytes. Cryptographic in production. */
  bytes(count: number): Uint8Array;
  /** A version 4 UUID in its text form (RFC 9562). */
  uuid(): string;
}

/** Bytes as lower-case hex digits. */
const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Formats 16 random bytes as a version 4 UUID (RFC 9562 section 5.4). */
function uuidFrom(bytes: Uint8Array): string {
  const copy = Uint8Array.from(bytes);
  copy[6] = ((copy[6] ?? 0) & 0x0f) | 0x40;
  copy[8] = ((copy[8] ?? 0) & 0x3f) | 0x80;
  const text = hex(copy);
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}

/** The letters of generated names: no vowels and no look-alikes, as Kubernetes chooses them. */
const nameLetters = 'bcdfghjklmnpqrstvwxz2456789';

/** A random suffix for generateName. */
export function nameSuffix(random: Random, length = 5): string {
  let text = '';
  for (let i = 0; i < length; i++) text += nameLetters[random.below(nameLetters.length)];
  return text;
}

/** A seeded generator (splitmix32): the same seed gives the same values, for tests and simulation only. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => next() & 0xff);
  return {
    below: (bound) => Math.floor((next() / 2 ** 32) * bound),
    fraction: () => next() / 2 ** 32,
    bytes,
    uuid: () => uuidFrom(bytes(16)),
  };
}
