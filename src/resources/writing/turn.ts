/** Divides the work on a large object between turns of the event loop. */
import { limits } from '../../base/index.ts';
import type { WritePorts } from '../ports.ts';
import type { ResourceInfo } from '../../api/index.ts';
import type { RequestBody, WriteContext } from '../service.ts';

/** Whether steps that look at so many bytes wait for turns. Small objects do not even ask. */
export const isLarge = (bytes: number): boolean => bytes >= limits.turnBytesMin;

/** Before a step that looks at so many bytes: undefined to go on at once, else resolves when its turn has come. */
export function nextTurn({ turns }: WritePorts, { user }: WriteContext, bytes: number): Promise<void> | undefined {
  return turns?.take(user.name, bytes);
}

/** Kinds whose expressions are compiled: a byte of them is as much work as so many of another object. */
const compiledGroups: ReadonlySet<string> = new Set(['apiextensions.k8s.io', 'admissionregistration.k8s.io']);
const compiledFactor = 16;

/** What the steps of a write look at. Values of this process have no bytes before somebody wants to see them. */
export function bytesOfBody({ group }: ResourceInfo, body: RequestBody): number {
  if (body.value !== undefined) return 0;
  return body.bytes.byteLength * (compiledGroups.has(group) ? compiledFactor : 1);
}
