/** The Status of a write that has no object to show. */
import type { KubeObject } from '../../api/index.ts';

/** The Status that stands for an object where a write has none to show. */
export function successStatus(code: number): KubeObject {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code };
}
