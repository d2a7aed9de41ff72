/**
 * The ground floor: words and ports that every other folder uses, and nothing that touches the machine.
 *
 * Contract: pure values and interfaces; no `node:` import, no clock, no randomness, no I/O. What the product needs of
 * its environment (time, timers, random values, disk, log, metrics) is an interface here; src/platform implements each
 * twice, for the machine and for the simulator.
 */
export { actorPattern } from './actor-pattern.ts';
export { assert, InvariantError, unreachable } from './assert.ts';
export { AwakeTime } from './awake-time.ts';
export type { LogIndex, Revision, Term } from './brand.ts';
export { type Cipher, CipherError } from './cipher.ts';
export { type Clock, delay, type Timer, type Timers } from './clock.ts';
export { cutText } from './cut-text.ts';
export { type Disk, DiskError, type DiskFile } from './disk.ts';
export { type Due, DueQueue } from './due-queue.ts';
export { fnv1a, fnv1aOfCodePoints } from './fnv.ts';
export { FormatError } from './format.ts';
export { bareHost, joinHostPort, splitHostPort } from './host-port.ts';
export { isObject } from './is-object.ts';
export { assertLimits, limits } from './limits.ts';
export { errorMessage, type LogFields, type Logger, silentLogger } from './logger.ts';
export { type LogLevel, type LogLevels, logLevels, type LogRule } from './log-levels.ts';
export { Memo } from './memo.ts';
export { type MetricFacts, metricTable } from './metric-table.ts';
export { type MetricLabels, type Metrics, silentMetrics } from './metrics.ts';
export { BoundedQueue } from './queue.ts';
export { nameSuffix, type Random, seededRandom } from './random.ts';
export { restMsAfter } from './rest.ts';
export { setOwn } from './set-own.ts';
export { atOnce, inTurns, Pace, type Steps } from './steps.ts';
export { tlsCiphers } from './tls-ciphers.ts';
export {
  noTraces,
  parseTraceparent,
  type StepFacts,
  type Trace,
  traceIdOf,
  traceparentOf,
  type TraceScope,
  type TraceStep,
} from './trace.ts';
export { Turns } from './turns.ts';
export { WakeLoop } from './wake-loop.ts';
