import { tolerates } from '../api/index.ts';
import type { Taint, Toleration } from './objects.ts';

/** The taints that none of the tolerations covers. */
export function untolerated(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
): readonly Taint[] {
  return (taints ?? []).filter((taint) => !(tolerations ?? []).some((toleration) => tolerates(toleration, taint)));
}
