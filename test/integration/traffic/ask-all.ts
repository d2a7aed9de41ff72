/** Asks all cells, each place beside the others. */
import { type Cell, difference, type Facts } from './cells.ts';
import type { Lane } from './lane.ts';

/**
 * What differed, by the cells' ids. Those are asked twice more, when there is less to do at once: what a machine loses
 * under load comes back, what its rules lose does not.
 */
export async function askAll(lane: Lane, cells: readonly Cell[], facts: Facts): Promise<ReadonlyMap<string, string>> {
  const ask = async (asked: readonly Cell[]): Promise<readonly { readonly cell: Cell; readonly how: string }[]> => {
    const told = await Promise.all(
      asked.map(async (cell) => {
        const how = difference(cell, await lane.prober(cell.place.name).ask(cell.probe), facts);
        return how === undefined ? [] : [{ cell, how }];
      }),
    );
    return told.flat();
  };
  let differing = await ask(cells);
  for (let again = 0; again < 2; again++) differing = await ask(differing.map(({ cell }) => cell));
  return new Map(differing.map(({ cell, how }) => [cell.probe.id, how]));
}
