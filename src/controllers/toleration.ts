import { type Taint, tolerates, type Toleration } from '../api/index.ts';

/** The taints that none of the tolerations covers. */
export function untolerated(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
): readonly Taint[] {
  return (taints ?? []).filter((taint) => !(tolerations ?? []).some((toleration) => tolerates(toleration, taint)));
}
