/** Finds circles in a graph of imports. */

/**
 * The circles of a graph of imports: each a set of files that all lead to each other (Tarjan's strongly connected
 * components of more than one file), sorted by name. Without circles every file can be read, tested and moved on what
 * lies below it.
 */
export function circlesOf(imports: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const circles: (readonly string[])[] = [];
  const visit = (file: string): number => {
    const number = order.size;
    order.set(file, number);
    lowest.set(file, number);
    open.push(file);
    for (const next of imports.get(file) ?? []) {
      if (!order.has(next)) lower(file, visit(next));
      else if (open.includes(next)) lower(file, order.get(next) ?? number);
    }
    const low = lowest.get(file) ?? number;
    if (low === number) close(file);
    return low;
  };
  const lower = (file: string, number: number): void => {
    lowest.set(file, Math.min(lowest.get(file) ?? number, number));
  };
  const close = (first: string): void => {
    const members = open.splice(open.indexOf(first));
    if (members.length > 1) circles.push(members.sort());
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return circles;
}
