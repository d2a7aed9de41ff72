/** Divides the work on a large object between turns of the event loop. */
import { atOnce, inTurns, limits, type Steps } from '../../base/index.ts';
import type { WritePorts } from '../ports.ts';
import type { ResourceInfo } from '../../api/index.ts';
import type { RequestBody, WriteContext } from '../service.ts';

/** Whether steps that look at so many bytes wait for turns. Small objects do not even ask. */
const isLarge = (bytes: number): boolean => bytes >= limits.turnBytesMin;

/** Whether one look at so many bytes is work for several turns, so that it is divided into steps itself. */
export const isDivided = (bytes: number): boolean => bytes >= limits.turnBytesMax;

/** Before a step that looks at so many bytes: undefined to go on at once, else resolves when its turn has come. */
function nextTurn({ turns }: WritePorts, { user }: WriteContext, bytes: number): Promise<void> | undefined {
  return turns?.take(user.name, bytes);
}

/** Awaited between the steps of work on a large object; undefined for a small one. */
export type Turn = (() => Promise<void> | undefined) | undefined;

/** The turns of work that looks at so many bytes in each step. */
export function turnOf(ports: WritePorts, context: WriteContext, bytes: number): Turn {
  return isLarge(bytes) ? () => nextTurn(ports, context, bytes) : undefined;
}

/** Does the steps in turns; without them at once. */
export function stepped<Result>(steps: Steps<Result>, turn: Turn): Result | Promise<Result> {
  return turn === undefined ? atOnce(steps) : inTurns(steps, turn);
}

/** Kinds whose expressions are compiled: a byte of them is as much work as so many of another object. */
const compiledGroups: ReadonlySet<string> = new Set(['apiextensions.k8s.io', 'admissionregistration.k8s.io']);
const compiledFactor = 16;

/** What the steps of a write look at. Values of this process have no bytes before somebody wants to see them. */
export function bytesOfBody({ group }: ResourceInfo, body: RequestBody): number {
  if (body.value !== undefined) return 0;
  return body.bytes.byteLength * (compiledGroups.has(group) ? compiledFactor : 1);
}
