/** metav1.Time: seconds, RFC 3339. */
export const kubeTime = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`;
/** metav1.MicroTime. */
export const kubeMicroTime = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 23)}000Z`;
