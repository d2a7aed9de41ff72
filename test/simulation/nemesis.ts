/** The nemesis: it causes the faults of a seed's mix. */
import type { Random } from '../../src/base/index.ts';
import type { HashComparison, StoreMembers } from '../../src/state/index.ts';
import { backUp } from './backups.ts';
import { diskFaults, rot } from './disk-faults.ts';
import { FigureEight } from './figure-eight.ts';
import type { Member } from './member.ts';
import { moreFaults } from './timing-faults.ts';
import { operatorFaults } from './operator-faults.ts';
import type { FaultName } from './options.ts';
import { type Provoker, provocations } from './provocations.ts';
import { playTour } from './tour.ts';
import { type Phase, phases } from './phases.ts';
import type { World } from './world.ts';

/** A strike that waits for a member in this phase, until then at most. */
interface Awaited {
  readonly name: FaultName;
  readonly phase: Phase;
  readonly until: number;
}

/** Faults that strike the leader and nobody else. */
const leadersFaults: ReadonlySet<FaultName> = new Set([
  'transfer',
  'membership',
  'isolate-leader',
  'figure-eight',
  'hung-leader',
  'deaf-leader',
  'dumb-leader',
]);

/** Faults that take away what a disk had confirmed. */
const losses: ReadonlySet<FaultName> = new Set([
  'bit-rot',
  'rot-newest',
  'lose-newest',
  'lose-segment',
  'lose-log',
  'lose-snapshot',
  'lost-write',
  'misdirected-write',
  'duplicated-write',
  'unreadable',
]);

/** How long a strike waits for the phase that it wants to meet, in virtual ms. */
const patienceMs = 3_000;

/**
 * Each fault comes at random moments and ends after a while. Some strikes wait for a phase: most phases are so short
 * that none would meet them by chance.
 */
export class Nemesis {
  readonly #world: World;
  readonly #random: Random;
  readonly #figureEight: FigureEight;
  #playing = false;
  /** The tour of this run, if it has one, has met all that it wants to meet. */
  toured = false;
  #over = false;
  #awaited: Awaited[] = [];

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random('nemesis');
    this.#figureEight = new FigureEight(world);
  }

  start(): void {
    const { tour } = this.#world.options;
    if (tour !== undefined) this.#tour(tour);
    for (const [name, mean] of Object.entries(this.#world.options.faults)) this.#schedule(name as FaultName, mean);
  }

  /** Ends every fault: everything is healed, resumed and started. */
  end(): void {
    this.#over = true;
    const { network, members } = this.#world;
    network.heal();
    network.calm = true;
    for (const member of members) {
      this.#heal(member);
      member.start();
    }
    for (const member of members.slice(0, this.#world.options.lostForGood ?? 0)) member.leave();
    this.#world.journal.note('the faults are over');
  }

  get #provoker(): Provoker {
    return {
      world: this.#world,
      random: this.#random,
      mayLose: (member) => this.#mayLose(member),
      later: (longest, call) => {
        this.#later(longest, call);
      },
    };
  }

  /** Waits for a phase, which half of the time is brought about. */
  #seek(name: FaultName, phase: Phase): void {
    this.#await(name, phase);
    if (this.#random.below(2) === 0) provocations[phase](this.#provoker);
  }

  #tour(fault: FaultName): void {
    void playTour({
      ...this.#provoker,
      fault,
      aim: (name, phase, ms) => {
        this.#await(name, phase, ms);
      },
      heal: () => {
        this.#awaited = [];
        this.#world.network.heal();
        for (const member of this.#world.members) {
          this.#heal(member);
          member.start();
        }
      },
      isOver: () => this.#over,
    }).then(() => {
      this.toured = true;
    });
  }

  #await(name: FaultName, phase: Phase, ms = patienceMs): void {
    this.#awaited.push({ name, phase, until: this.#world.time.monotonic() + ms });
  }

  /** Whether this fault does something to this member. */
  #suits(name: FaultName, member: Member, mayLose: (member: Member) => boolean): boolean {
    if (losses.has(name)) return mayLose(member);
    return name !== 'former-life' || (member.role !== 'leader' && this.#world.members.every(({ rotten }) => !rotten));
  }

  /** After each event: what strikes now because its phase has come, or has not come for too long. */
  look(): void {
    if (this.#awaited.length === 0 || this.#over) return;
    const now = this.#world.time.monotonic();
    const waiting = this.#awaited;
    this.#awaited = [];
    const running = this.#world.members.filter(({ process }) => process !== undefined);
    const seen = running.map((member) => [member, this.#world.phasesOf([member])] as const);
    // The same for all that wait, until one of them strikes.
    let known: readonly (readonly string[])[] | undefined;
    const mayLose = (member: Member): boolean => this.#mayLose(member, () => (known ??= this.#everyMembership()));
    for (const awaited of waiting) {
      const met = seen.find(
        ([member, open]) => open.has(awaited.phase) && this.#suits(awaited.name, member, mayLose),
      )?.[0];
      if (met === undefined && now < awaited.until) this.#awaited.push(awaited);
      else {
        this.#strike(awaited.name, met);
        known = undefined;
      }
    }
  }

  #heal(member: Member): void {
    member.resume();
    member.disk.capacityBytes = Number.POSITIVE_INFINITY;
    member.disk.heal();
    member.weather.syncMs = this.#world.options.syncMs;
    member.weather.hungUntil = 0;
    member.crashAt({});
  }

  #schedule(name: FaultName, mean: number): void {
    this.#world.time.after(mean * (0.2 + 1.6 * this.#random.fraction()), () => {
      if (this.#over) return;
      if (!this.#world.options.seeks || this.#random.below(3) > 0) this.#strike(name);
      else this.#seek(name, phases[this.#random.below(phases.length)] as Phase);
      this.#schedule(name, mean);
    });
  }

  #later(longest: number, call: () => void): void {
    this.#world.time.after(20 + this.#random.below(longest), () => {
      if (!this.#over) call();
    });
  }

  #one(
    from: readonly Member[] = this.#world.members.filter(({ process }) => process !== undefined),
  ): Member | undefined {
    return from[this.#random.below(Math.max(1, from.length))];
  }

  #leader(): Member | undefined {
    return this.#world.members.find(({ role }) => role === 'leader');
  }

  /** The leader, half of the time. */
  #target(): Member | undefined {
    const leader = this.#leader();
    return leader !== undefined && this.#random.below(2) === 0 ? leader : this.#one();
  }

  #strike(name: FaultName, met?: Member): void {
    if (leadersFaults.has(name) && this.#leader() === undefined) {
      if (this.#world.options.seeks) this.#await(name, 'quiet');
      return;
    }
    const network = ['split', 'isolate-leader', 'one-way', 'ring', 'storm'].includes(name);
    if (network) this.#cut(name);
    else if (name === 'figure-eight') void this.#playFigureEight();
    else if (name === 'power-outage' || name === 'restart-all') this.#all(name);
    else if (name === 'bit-rot') this.#rot(met);
    else {
      const member = leadersFaults.has(name) ? this.#leader() : (met ?? this.#target());
      if (member === undefined) return;
      if (diskFaults[name] !== undefined) {
        this.#damage(name, member, met !== undefined);
        return;
      }
      // What is asked of a leader meets what any member does; what only arms a crash meets nothing yet.
      if (leadersFaults.has(name)) this.#world.met(name, this.#world.members);
      else if (!name.startsWith('crash-at')) this.#world.met(name, [member]);
      this.#tell(name, member);
      this.#hit(name, member, met !== undefined);
    }
  }

  #tell(fault: string, member: Member): void {
    this.#world.journal.note(`fault: ${fault} on ${member.name} (${member.states.join(', ')})`);
  }

  #hit(name: FaultName, member: Member, aimed: boolean): void {
    const { disk, weather } = member;
    switch (name) {
      case 'crash':
      case 'kill': {
        member.stop(name === 'crash');
        member.restartLater(20 + this.#random.below(this.#random.below(2) === 0 ? 200 : 3_000));
        return;
      }
      case 'bounce': {
        member.stop(false);
        member.restartLater(1 + this.#random.below(60));
        return;
      }
      case 'crash-at-disk':
        member.crashAt({ disk: 1 + this.#random.below(aimed ? 2 : 30) });
        return;
      case 'crash-at-send':
        member.crashAt({ send: aimed ? 1 : 1 + this.#random.below(30) });
        return;
      case 'pause':
        member.pause();
        this.#later(4_000, () => {
          member.resume();
        });
        return;
      case 'clock-jump':
        member.wallOffsetMs += (this.#random.fraction() - 0.5) * 20_000;
        return;
      case 'slow-sync':
        weather.syncMs = 50 + this.#random.below(1_500);
        this.#later(3_000, () => {
          weather.syncMs = this.#world.options.syncMs;
        });
        return;
      case 'failing-sync':
        member.failingDisk = true;
        disk.failSyncs(1);
        return;
      case 'full-disk': {
        disk.capacityBytes = disk.usedBytes + this.#random.below(this.#world.options.segmentBytes * 2);
        this.#later(4_000, () => {
          disk.capacityBytes = Number.POSITIVE_INFINITY;
        });
        return;
      }
      case 'transfer':
        this.#transfer(member);
        return;
      case 'membership':
        this.#changeMembership(member);
        return;
      case 'administration':
        this.#administer(member);
        return;
      case 'backup':
        void backUp(this.#world, member);
        return;
      default:
        this.#hitMore(name, member);
    }
  }

  /** It is noted when it strikes, and does not when too many disks would have lost something. */
  #damage(name: FaultName, member: Member, aimed: boolean): void {
    diskFaults[name]?.({
      world: this.#world,
      random: this.#random,
      member,
      mayLose: this.#mayLose(member),
      aimed,
      later: (longest, call) => {
        this.#later(longest, call);
      },
      struck: () => {
        this.#world.met(name, [member]);
        this.#tell(name, member);
      },
    });
  }

  #hitMore(name: FaultName, member: Member): void {
    const act = moreFaults[name] ?? operatorFaults[name];
    if (act === undefined) throw new Error(`no fault ${name}`);
    act({ ...this.#provoker, member });
  }

  /** One play at a time. */
  async #playFigureEight(): Promise<void> {
    const leader = this.#leader();
    if (leader === undefined || this.#playing) return;
    this.#world.met('figure-eight', this.#world.members);
    this.#tell('figure-eight', leader);
    this.#playing = true;
    await this.#figureEight.play(leader);
    this.#playing = false;
  }

  #transfer({ raft, name }: Member): void {
    const voters = raft?.configuration.voters.filter((voter) => voter !== name) ?? [];
    const to = voters[this.#random.below(Math.max(1, voters.length))];
    if (to !== undefined) raft?.transferLeadership(to);
  }

  /** An operator's command through any member. */
  #administer(member: Member): void {
    const { founders, journal } = this.#world;
    const name = founders[this.#random.below(founders.length)] as string;
    const wish = this.#random.below(5);
    const rest = (member.raft?.configuration.voters ?? founders).filter((voter) => voter !== name);
    if (wish === 0 && (rest.length === 0 || !this.#survives(rest))) return;
    const commands: readonly ((members: StoreMembers) => Promise<HashComparison | void>)[] = [
      (members) => members.remove(name),
      (members) => members.addLearner(name),
      (members) => members.promote(name),
      (members) => members.transferLeadership(name),
      (members) => members.compareHashes(),
    ];
    void member
      .call(async (store) => await commands[wish]?.(store.members))
      .then((outcome) => {
        journal.note(`command ${wish} on ${name} through ${member.name}: ${outcome.type}`);
        if (outcome.type === 'done' && outcome.value?.equal === false)
          this.#world.ledger.fail('equal-hashes', JSON.stringify(outcome.value));
      });
  }

  /**
   * A random voter leaves, becomes a learner, or comes back; two change at once now and then. At least one voter stays.
   */
  #changeMembership({ raft }: Member): void {
    if (raft === undefined) return;
    const voters = new Set(raft.configuration.voters);
    const learners = new Set(raft.configuration.learners);
    for (let changes = 1 + this.#random.below(3); changes > 0; changes--) {
      const name = this.#world.founders[this.#random.below(this.#world.founders.length)] as string;
      const fate = voters.has(name) ? this.#random.below(4) : 1 + this.#random.below(3);
      voters.delete(name);
      learners.delete(name);
      if (fate < 2) learners.add(name);
      else if (fate === 2) voters.add(name);
    }
    if (voters.size === 0 || !this.#survives([...voters])) return;
    const done = raft.changeConfiguration({ voters: [...voters].sort(), learners: [...learners].sort() });
    this.#world.journal.note(
      `membership ${done ? 'changes' : 'cannot change'} to ${[...voters].sort().join()} and learners ` +
        `${[...learners].sort().join()}`,
    );
  }

  #all(name: FaultName): void {
    this.#world.met(name, this.#world.members);
    for (const member of this.#world.members) {
      if (member.process === undefined) continue;
      this.#tell(name, member);
      member.stop(name === 'power-outage');
      member.restartLater(50 + this.#random.below(this.#random.below(2) === 0 ? 300 : 4_000));
    }
  }

  #rot(met: Member | undefined): void {
    const member = met ?? this.#one(this.#world.members);
    if (member === undefined || !this.#mayLose(member)) return;
    if (!rot(member)) return;
    this.#world.met('bit-rot', [member]);
    this.#tell('bit-rot', member);
    member.loses();
    member.latent = true;
  }

  /** Whether a majority keeps its data when this member's disk loses something of its own. */
  #mayLose(member: Member, memberships = (): readonly (readonly string[])[] => this.#everyMembership()): boolean {
    return !member.rotten && memberships().every((voters) => this.#survives(voters, member.name));
  }

  /** The voters of every membership that counts for anybody. */
  #everyMembership(): readonly (readonly string[])[] {
    const { founders, members } = this.#world;
    return [founders, ...members.flatMap(({ memberships: known, store }) => [store?.status().voters ?? [], ...known])];
  }

  /** Whether most of these voters have their data, also when one more loses it. One that begins again has none. */
  #survives(voters: readonly string[], struck = ''): boolean {
    const without = this.#world.members.filter(({ rotten, joining }) => rotten || joining).map(({ name }) => name);
    const lost = voters.filter((name) => name === struck || without.includes(name));
    return voters.length === 0 || lost.length * 2 < voters.length;
  }

  #cut(name: FaultName): void {
    const { network, members } = this.#world;
    this.#world.met(name, members);
    this.#world.journal.note(`fault: ${name}`);
    const names = members.map((member) => member.name);
    const blocked = this.#blocked(name, names);
    for (const [from, to] of blocked) network.block(from, to);
    if (name === 'storm') network.stormy = true;
    this.#later(4_000, () => {
      network.heal();
      this.#world.journal.note('the network is whole');
    });
  }

  #blocked(name: FaultName, names: readonly string[]): (readonly [string, string])[] {
    const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => [from, to] as const));
    if (name === 'one-way') return pairs.filter(() => this.#random.below(3) === 0);
    if (name === 'ring') {
      const near = (from: string, to: string): boolean =>
        [1, names.length - 1].includes(Math.abs(names.indexOf(from) - names.indexOf(to)));
      return pairs.filter(([from, to]) => !near(from, to));
    }
    if (name === 'isolate-leader') {
      const leader = this.#leader()?.name;
      return pairs.filter(([from, to]) => from === leader || to === leader);
    }
    const side = new Set(names.filter(() => this.#random.below(2) === 0));
    return name === 'split' ? pairs.filter(([from, to]) => side.has(from) !== side.has(to)) : [];
  }
}
