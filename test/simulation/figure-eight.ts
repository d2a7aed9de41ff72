/** The play of figure 8 of the Raft paper. */
import { putOf } from './client.ts';
import type { Member } from './member.ts';
import type { World } from './world.ts';

/** How long one scene may take, in virtual ms; the play is given up then. */
const sceneMs = 4_000;

/**
 * A leader hands entries to one other member only; the rest elect somebody
 * whose first entry nobody else gets; the old side comes back in a newer term and hands the old entries on, so that
 * most members hold them; then it is gone, and the member of the term between leads and overwrites them. It is harmless
 * unless a leader commits entries of older terms by counting.
 */
export class FigureEight {
  readonly #world: World;
  #plays = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Plays once, and heals the network at the end. */
  async play(leader: Member): Promise<void> {
    const { members, network, journal } = this.#world;
    const [partner, ...others] = members.filter((member) => member !== leader);
    if (partner === undefined || others.length < 3) return;
    const old = [leader, partner];
    this.#apart(old, others);
    const before = leader.raft?.lastIndex ?? 0;
    this.#write(leader);
    await this.#until(() => (partner.raft?.lastIndex ?? 0) > before, 500);
    const between = await this.#leaderOf(others, leader.raft?.term ?? 0);
    if (between !== undefined) {
      // Its first entry stays with it.
      this.#only([]);
      const rest = others.filter((member) => member !== between);
      await this.#wait(30);
      this.#only([...old, ...rest]);
      const again = await this.#leaderOf(old, between.raft?.term ?? 0);
      if (again !== undefined) await this.#overwrite({ again, between, old, rest });
    }
    network.heal();
    journal.note('figure eight is over');
  }

  /** Something that only the old side will have. */
  #write(leader: Member): void {
    this.#plays += 1;
    const put = putOf('/figure-eight', `figure-eight-${this.#plays}`);
    void leader.call((store) => store.transact({ compares: [], operations: [put] }, { deadlineMs: 1_000 }));
  }

  /** The old side's leader hands the old entries to one more member; then the member of the term between takes over. */
  async #overwrite({
    again,
    between,
    old,
    rest,
  }: {
    readonly again: Member;
    readonly between: Member;
    readonly old: readonly Member[];
    readonly rest: readonly Member[];
  }): Promise<void> {
    const [third] = rest;
    if (third === undefined) return;
    this.#only([...old, third]);
    const before = again.raft?.commitIndex ?? 0;
    await this.#until(() => (again.raft?.commitIndex ?? 0) > before, 400);
    this.#world.journal.note(
      `figure eight: ${third.name} has ${third.raft?.lastIndex}, ${again.name} has committed ` +
        `${again.raft?.commitIndex}`,
    );
    this.#only([]);
    await this.#wait(50);
    this.#only([between, ...rest]);
    await this.#leaderOf([between], again.raft?.term ?? 0);
    await this.#wait(300);
  }

  /** Nobody hears anybody but these, who hear each other. */
  #only(together: readonly Member[]): void {
    const { members, network } = this.#world;
    if (network.calm) return;
    network.heal();
    for (const from of members)
      for (const to of members)
        if (!together.includes(from) || !together.includes(to)) network.block(from.name, to.name);
  }

  #apart(one: readonly Member[], other: readonly Member[]): void {
    const { network } = this.#world;
    network.heal();
    for (const from of one) {
      for (const to of other) {
        network.block(from.name, to.name);
        network.block(to.name, from.name);
      }
    }
  }

  async #leaderOf(members: readonly Member[], after: number): Promise<Member | undefined> {
    const leads = ({ raft, process }: Member): boolean =>
      process !== undefined && raft?.role === 'leader' && raft.term > after;
    await this.#until(() => members.some(leads));
    return members.find(leads);
  }

  async #until(done: () => boolean, withinMs = sceneMs): Promise<void> {
    const { time, network } = this.#world;
    for (const end = time.monotonic() + withinMs; !done() && !network.calm && time.monotonic() < end;)
      await this.#wait(1);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#world.time.after(ms, resolve);
    });
  }
}
