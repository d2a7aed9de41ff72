/** Keeps one table of the kernel's packet filter equal to the one that is wanted. */
import type { RunCommand } from '../network/index.ts';
import { type Table, tableChanges, tableText } from './table.ts';

/** Writes what differs from what it wrote last, and the whole table where it knows of none. One call at a time. */
export class TableWriter {
  readonly #run: RunCommand;
  #written: Table | undefined;

  constructor(run: RunCommand) {
    this.#run = run;
  }

  /** Whoever writes next writes the whole table: others may have written meanwhile. */
  forget(): void {
    this.#written = undefined;
  }

  /** Rejects when the kernel does not take the table; what was there is there still. */
  async write(table: Table): Promise<void> {
    const known = this.#written;
    const changes = known === undefined ? undefined : tableChanges(known, table);
    if (changes === '') return;
    this.forget();
    if (changes === undefined || !(await this.#taken(changes))) await this.#run('nft', ['-f', '-'], tableText(table));
    this.#written = table;
  }

  /** A difference is refused where the kernel's table is not what was written: then the whole one takes its place. */
  #taken(changes: string): Promise<boolean> {
    return this.#run('nft', ['-f', '-'], changes).then(
      () => true,
      () => false,
    );
  }

  /**
   * Whether what was written is there still: somebody may have taken it away (`nft flush ruleset`, a firewall that
   * starts again), and then the next write is of the whole table.
   */
  async isThere(): Promise<boolean> {
    const [name, chain] = [this.#written?.name, this.#written?.chains.keys().next().value];
    if (name === undefined || chain === undefined) return true;
    return this.#run('nft', ['list', 'chain', ...name.split(' '), chain]).then(
      () => true,
      () => {
        this.forget();
        return false;
      },
    );
  }
}
