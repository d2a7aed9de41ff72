/** Which of the free processors a container gets. Pure. */
import type { Cpu } from './machine-cpus.ts';

/**
 * `count` of the free ones, in ascending order; undefined: there are fewer. Whole sockets first, then whole cores,
 * then single threads: what shares caches with others is what costs a container most. Cores and threads come from
 * where the least is free, so that whole sockets stay whole for others.
 */
export function takeCpus(
  cpus: readonly Cpu[],
  free: ReadonlySet<number>,
  count: number,
): readonly number[] | undefined {
  if (free.size < count) return undefined;
  const left = new Set(free);
  const taken: number[] = [];
  const freeOf = (group: readonly Cpu[]): number => group.filter(({ id }) => left.has(id)).length;
  const sockets = grouped(cpus, ({ socket }) => socket);
  const cores = grouped(cpus, ({ core }) => core);
  const roomOf = ({ core, socket }: Cpu): readonly [number, number] => [
    freeOf(sockets.get(socket) ?? []),
    freeOf(cores.get(core) ?? []),
  ];
  const fullestFirst = (one: Cpu | undefined, other: Cpu | undefined): number => {
    if (one === undefined || other === undefined) return 0;
    const [mine, theirs] = [roomOf(one), roomOf(other)];
    return mine[0] - theirs[0] || mine[1] - theirs[1] || one.id - other.id;
  };
  const take = (group: readonly Cpu[]): void => {
    for (const { id } of group) if (left.delete(id)) taken.push(id);
  };
  const takeWhole = (groups: readonly (readonly Cpu[])[]): void => {
    for (const group of groups) if (group.length <= count - taken.length && freeOf(group) === group.length) take(group);
  };
  takeWhole([...sockets.values()]);
  takeWhole([...cores.values()].sort(([one], [other]) => fullestFirst(one, other)));
  const single = cpus.filter(({ id }) => left.has(id)).sort(fullestFirst);
  take(single.slice(0, count - taken.length));
  return taken.sort((one, other) => one - other);
}

function grouped(cpus: readonly Cpu[], keyOf: (cpu: Cpu) => string): ReadonlyMap<string, readonly Cpu[]> {
  const groups = new Map<string, Cpu[]>();
  for (const cpu of cpus) groups.set(keyOf(cpu), [...(groups.get(keyOf(cpu)) ?? []), cpu]);
  return groups;
}
