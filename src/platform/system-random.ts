/** Random values on Node's crypto. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Random } from '../base/index.ts';

/** Random values from the operating system's generator. */
export const systemRandom: Random = {
  below: (bound) => randomInt(bound),
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  bytes: (count) => Uint8Array.from(randomBytes(count)),
  uuid: () => randomUUID(),
};
