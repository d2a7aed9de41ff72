/** The rights that are enough for the paths of a kubelet. */

/** By the first word of the path: the subresource of nodes that is enough for it (kubelet authorization). */
const subresources: ReadonlyMap<string, string> = new Map([
  ['stats', 'stats'],
  ['metrics', 'metrics'],
  ['logs', 'log'],
  ['pods', 'pods'],
  ['runningpods', 'pods'],
  ['healthz', 'healthz'],
  ['configz', 'configz'],
]);

/** The subresource of nodes that is enough beside `proxy`, by the first word of a path; undefined: none is. */
export const kubeletSubresource = (first: string): string | undefined => subresources.get(first);
