import type { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import type { CelEnvironment } from './environment.ts';
import { celEqual } from './values.ts';

const same = (value: unknown): unknown => value;
const order = (left: Uint8Array, right: Uint8Array): number => Buffer.compare(left, right);

/** Conversions and comparisons that the package leaves out. */
export function registerConversionFunctions(environment: CelEnvironment): void {
  environment
    .registerFunction('int(google.protobuf.Timestamp): int', (time: Date) => BigInt(Math.floor(time.getTime() / 1000)))
    .registerFunction('int(google.protobuf.Duration): int', ({ seconds, nanos }: Duration) => seconds * 1_000_000_000n + BigInt(nanos))
    .registerFunction('int(uint): int', (value: UnsignedInt) => value.valueOf())
    .registerFunction('duration(google.protobuf.Duration): google.protobuf.Duration', same)
    .registerFunction('timestamp(google.protobuf.Timestamp): google.protobuf.Timestamp', same)
    .registerOperator('optional == optional', celEqual)
    .registerOperator('bytes < bytes: bool', (left: Uint8Array, right: Uint8Array) => order(left, right) < 0)
    .registerOperator('bytes <= bytes: bool', (left: Uint8Array, right: Uint8Array) => order(left, right) <= 0)
    .registerOperator('bytes > bytes: bool', (left: Uint8Array, right: Uint8Array) => order(left, right) > 0)
    .registerOperator('bytes >= bytes: bool', (left: Uint8Array, right: Uint8Array) => order(left, right) >= 0);
}
