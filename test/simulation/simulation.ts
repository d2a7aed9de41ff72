/**
 * The simulation of the whole store, from one seed.
 *
 *     seed --> options (members, disks, network, clocks, faults: each seed its own mix)
 *     nemesis --> crashes, cuts, rot, ... --> members (production openStore) <--> network (loses, repeats, reorders)
 *     clients --> calls, results --> history members --> messages, commits, events --> ledger watchers --> events
 *
 * One process, one thread, virtual time: after each event every promise settles, so that the same seed gives the same
 * run to the last line. The ledger checks what can be checked at once (one leader and one vote a term, matching logs,
 * complete leaders, equal entries, changes and states everywhere), watchers compare each event with it, and the history
 * is searched at the end for an order that explains what every client saw. When the faults end, the cluster must write
 * again within a bound. A blind simulator finds nothing: planted-bugs.ts lists the mistakes that it is seen to find,
 * coverage.ts what its faults met.
 */
import type { Revision } from '../../src/base/index.ts';
import type { Operation as StoreOperation, StoreMember } from '../../src/state/index.ts';
import { playAftermath } from './aftermath.ts';
import { blackOut } from './blackout.ts';
import { Client } from './client.ts';
import type { Coverage } from './coverage.ts';
import { History } from './history.ts';
import type { Violation } from './ledger.ts';
import { Nemesis } from './nemesis.ts';
import { observe } from './observation.ts';
import { type Aftermath, drawOptions, type SimulationOptions } from './options.ts';
import type { Member } from './member.ts';
import { stateProblems } from './state-check.ts';
import type { System } from './system.ts';
import { Watcher } from './watcher.ts';
import { World } from './world.ts';

/** Events after which a run is given up, beside those that its writes bring about. */
const eventsMax = 300_000;
/** Seven members send a write, answer, sync and tell it. */
const eventsPerRevision = 20;
/** Events to come, most of them messages, after which a run is given up. */
const pendingMax = 1_500;
/** After the faults, the cluster must have written again everywhere within this time, in virtual ms. */
const livenessMs = 30_000;
/** Snapshots that are still on their way then have so long to arrive, while new pieces go out within `pieceMs`. */
const transfersMs = 90_000;
const pieceMs = 5_000;
/** A command to end the past has arrived or is lost by then, in virtual ms. */
const lateCommandMs = 4_000;
/** Histories that are so short are seen to end, in ms. */
const shortHistoryMs = 10_000;
/** So long two snapshots take, one of which lets the log go, in virtual ms. */
const shortenMs = 20_000;
/** The segment that is written to, and the one before while it alone holds the hard state. */
const segmentsMax = 2;
/** What an operator does at the end is over within this time, in virtual ms. */
const aftermathMs = 180_000;

export interface SimulationResult {
  readonly seed: number;
  readonly options: SimulationOptions;
  readonly violation: Violation | undefined;
  readonly coverage: Coverage;
  /** Equal for equal runs. */
  readonly digest: string;
  readonly figures: Readonly<Record<string, number>>;
  /** The last lines of the log. */
  readonly recent: readonly string[];
}

export interface SimulationRequest {
  readonly seed: number;
  readonly system: System;
  readonly overrides?: Partial<SimulationOptions>;
  readonly print?: (line: string) => void;
}

/**
 * Runs one seed, one at a time in a thread: a phase of faults, then a phase in which the cluster must recover. The same
 * request gives the same result.
 */
export async function simulate({ seed, system, overrides = {}, print }: SimulationRequest): Promise<SimulationResult> {
  const options = { ...drawOptions(seed), ...overrides };
  const world = new World(seed, options, system, print);
  const restore = observe(system, world);
  try {
    const history = new History(world.ledger, world.journal);
    await new Run(world, history).play();
    const { violation } = world.ledger;
    if (violation !== undefined)
      world.journal.note(`${violation.type} violation: ${violation.check}: ${violation.detail}`);
    const { time, network, ledger, journal, coverage, members } = world;
    const figures = {
      events: time.fired,
      messages: network.sent,
      lost: network.lost,
      repeated: network.repeated,
      late: network.late,
      operations: history.recorded.length,
      acknowledged: history.acknowledged,
      revisions: ledger.newestRevision,
      terms: ledger.leaders.size,
      restarts: members.reduce((sum, { restarts }) => sum + restarts, 0) - members.length,
      watched: world.watchers.reduce((sum, { events }) => sum + events, 0),
      told: world.watchers.reduce((sum, { lost }) => sum + lost, 0),
      byRevision: history.decidedByRevision,
      undecided: history.undecided,
      backups: ledger.backups,
    };
    return { seed, options, violation, coverage, digest: journal.digest(), figures, recent: journal.recent };
  } finally {
    restore();
  }
}

/** Writes through one member, until it succeeds. */
interface Probe {
  readonly name: string;
  readonly written: Set<string>;
  readonly tries: number;
  readonly round: number;
}

/** A write that no client made. */
function probeOf(name: string, text: string): StoreOperation {
  const value = Buffer.from(`{"metadata":{"resourceVersion":""},"value":"probe-${text}"}`);
  const index = { uid: '', labels: {}, fields: {}, owners: [] };
  return { type: 'put', key: `/probe/${name}`, value, revisionAt: value.indexOf('""') + 1, index };
}

class Run {
  readonly #world: World;
  readonly #history: History;
  readonly #nemesis: Nemesis;
  readonly #clients: Client[];
  #watching = true;
  /** Rounds of probes so far: only the newest goes on. */
  #probes = 0;
  /** Most voters are rotten: nothing more can be asked of this cluster. */
  #gaveUp = false;

  constructor(world: World, history: History) {
    this.#world = world;
    this.#history = history;
    this.#nemesis = new Nemesis(world);
    this.#clients = Array.from({ length: world.options.clients }, (_, i) => new Client(world, history, `c${i + 1}`));
    const prefixes = ['/', '/g0/', '/g0/a', '/lease/'];
    for (let i = 0; i < world.options.watchers; i++)
      world.watchers.push(new Watcher(`w${i + 1}`, prefixes[i] ?? '/', world.ledger));
  }

  async play(): Promise<void> {
    const { time, members, options } = this.#world;
    for (const member of members) member.start();
    for (const client of this.#clients) client.start();
    this.#watch();
    time.after(500, () => {
      this.#nemesis.start();
    });
    await time.runUntil(options.faultMs, () => this.#step() || this.#nemesis.toured);
    if (this.#failed) return;
    await this.#recover();
    if (!this.#failed && !this.#gaveUp) await this.#endInTheDark();
    if (this.#failed) return;
    this.#world.ledger.checkBackups();
    this.#world.ledger.checkChanges();
    this.#history.check();
    this.#world.ledger.checkRefused(this.#world.refused);
    if (!this.#failed && !this.#gaveUp && options.aftermath !== undefined) await this.#afterwards(options.aftermath);
  }

  /** The clients are gone, the cluster is well: an operator comes. */
  async #afterwards(name: Aftermath): Promise<void> {
    const { time, watchers, ledger } = this.#world;
    this.#watching = false;
    for (const watcher of watchers) watcher.detach();
    let over = false;
    playAftermath(this.#world, name).then(
      () => {
        over = true;
      },
      (error: unknown) => {
        ledger.fail(name, `${(error as Error).stack}`, 'crash');
      },
    );
    await time.runUntil(time.monotonic() + aftermathMs, () => over || this.#failed);
    if (!over && !this.#failed) ledger.fail(name, `it does not end within ${aftermathMs} ms`, 'liveness');
  }

  get #failed(): boolean {
    return this.#world.ledger.violation !== undefined;
  }

  /** After every event: what watchers heard is compared. True ends the run. */
  #step(): boolean {
    for (const watcher of this.#world.watchers) watcher.verify();
    this.#nemesis.look();
    const { fired, pending } = this.#world.time;
    const firedMax = eventsMax + eventsPerRevision * this.#world.ledger.newestRevision;
    if (fired > firedMax || pending - this.#world.network.excused > pendingMax)
      this.#world.ledger.fail(
        'storm',
        `${fired} events so far and ${pending} to come: members answer each other without end`,
        'liveness',
      );
    return this.#failed;
  }

  /** Watchers go to another member when theirs is gone, and now and then without a reason. */
  #watch(): void {
    const { time, watchers, members, system, growth, ledger } = this.#world;
    const random = this.#world.random('watchers');
    time.every(50, () => {
      growth.look(members, time.monotonic());
      this.#world.leases.look(members, time.monotonic());
      // One that has got back what its disk lost may lose something again, or another member may.
      for (const member of members) if (!member.latent) member.forgetLoss(ledger.committedIndex);
      for (const watcher of this.#watching ? watchers : []) {
        if (watcher.gone || random.below(40) === 0) watcher.detach();
        // It stays away for a while, so that there is something to catch up with.
        if (watcher.watching || random.below(10) > 0) continue;
        if (random.below(3) === 0) watcher.rewind();
        const up = members.filter((member) => member.up);
        const member = up[random.below(Math.max(1, up.length))];
        if (member?.up === true && random.below(3) === 0) watcher.jump(member);
        if (member !== undefined) watcher.attach(member, (error) => error instanceof system.CompactedError);
      }
    });
  }

  /** The faults are over: within a bound every member must have written, and all must be at the same state. */
  async #recover(): Promise<void> {
    for (const client of this.#clients) client.stopped = true;
    this.#nemesis.end();
    await this.#converge();
  }

  /** Power fails everywhere when all is well: all that was shown is there again. */
  async #endInTheDark(): Promise<void> {
    const { ledger, members, time } = this.#world;
    const before = ledger.newestRevision;
    await blackOut(this.#world, this.#belonging());
    if (!this.#failed) await this.#converge();
    if (this.#failed || this.#gaveUp) return;
    const names = this.#belonging();
    const behind = (): Member | undefined =>
      members.find(({ name, store }) => names.includes(name) && (store?.revision ?? before) < before);
    // A damaged member may have been taken back since the others agreed, and be on its way.
    if (behind() !== undefined)
      await time.runUntil(time.monotonic() + livenessMs, () => this.#step() || behind() === undefined);
    const late = behind();
    if (late !== undefined)
      ledger.fail('acknowledged-lost', `${late.name} is at ${late.store?.revision}, before ${before}`);
    if (!this.#failed) await this.#shortenLogs(names);
  }

  /** Written anew, no member's log is long, whatever its disk and its leaders did before. */
  async #shortenLogs(names: readonly string[]): Promise<void> {
    const { members, ledger, system, time } = this.#world;
    const asked = members.filter(({ name, up }) => names.includes(name) && up);
    let open = asked.length;
    const rewritten: Member[] = [];
    for (const member of asked)
      void member
        .call((store) => system.rewriteStore(store))
        .then(({ type }) => {
          open -= 1;
          if (type === 'done') rewritten.push(member);
        });
    await time.runUntil(time.monotonic() + shortenMs, () => this.#step() || open === 0);
    for (const { name, disk } of rewritten) {
      const segments = (await disk.list('/store/log')).filter((file) => file.endsWith('.log'));
      if (segments.length > segmentsMax)
        ledger.fail('long-log', `${name} keeps ${segments.join()} behind a snapshot of all that it has`);
    }
  }

  /** Within a bound every member has written, and all are at the same state. */
  async #converge(): Promise<void> {
    const { time, ledger, members } = this.#world;
    const until = time.monotonic() + livenessMs;
    const written = new Set<string>();
    this.#probes += 1;
    for (const member of members) this.#probe({ name: member.name, written, tries: 0, round: this.#probes });
    await time.runUntil(until, () => this.#step() || this.#converged(written));
    if (this.#failed || this.#converged(written)) return this.#settle();
    if (this.#majorityRotten()) {
      this.#gaveUp = true;
      return;
    }
    await this.#awaitTransfers(written);
    if (this.#failed || this.#converged(written)) return this.#settle();
    const state = members.map(
      (member) =>
        `${member.name} ${member.role} at ${member.store?.revision} (leader ${member.store?.status().leader}, ` +
        `term ${member.store?.status().term}, commit ${member.store?.status().commitIndex}, applied ` +
        `${member.store?.status().appliedIndex})`,
    );
    ledger.fail(
      'recovery',
      `after ${livenessMs} ms without faults: ${state.join('; ')}; written through ${[...written].join() || 'none'}`,
      'liveness',
    );
  }

  /** A snapshot of many thousands of small pieces is on its way for longer than the bound: it may arrive. */
  async #awaitTransfers(written: ReadonlySet<string>): Promise<void> {
    const { time, network } = this.#world;
    const until = time.monotonic() + transfersMs;
    let before = -1;
    while (time.monotonic() < until && network.pieces > before && !this.#failed && !this.#converged(written)) {
      before = network.pieces;
      await time.runUntil(time.monotonic() + pieceMs, () => this.#step() || this.#converged(written));
    }
  }

  /**
   * The membership shrank to voters most of whom rot then struck, or an operator emptied: such a cluster may not go on,
   * and nothing is to be said against it. One that owes what nobody who is whole can tell it counts as struck.
   */
  #majorityRotten(): boolean {
    const { members, journal } = this.#world;
    const commits = members.map(({ store }) => store?.status().commitIndex ?? 0);
    const newest = Math.max(...commits);
    const sets = members
      .filter((member, i) => member.up && commits[i] === newest)
      .flatMap(({ store, memberships }) => [store?.status().voters ?? [], ...memberships])
      .filter((voters) => voters.length > 0);
    const lost = sets.some((names) => {
      const voters = members.filter(({ name }) => names.includes(name));
      const hasNothing = ({ rotten, joining }: Member): boolean => rotten || joining;
      const struck = voters.filter((member) => hasNothing(member) || member.raft?.owed !== undefined);
      return voters.some(hasNothing) && struck.length * 2 >= names.length;
    });
    if (lost) journal.note('most voters are rotten: the cluster cannot go on');
    return lost;
  }

  /** Writes through a member until it succeeds once. */
  #probe(probe: Probe): void {
    const { name, written, tries, round } = probe;
    const { members, time } = this.#world;
    const member = members.find((other) => other.name === name);
    const again = (): void => {
      time.after(100, () => {
        if (round === this.#probes) this.#probe({ ...probe, tries: tries + 1 });
      });
    };
    if (member?.up !== true) {
      again();
      return;
    }
    const put = probeOf(name, `${round}-${name}-${tries}`);
    void member
      .call((store) => store.transact({ compares: [], operations: [put] }, { deadlineMs: 3_000 }))
      .then((outcome) => {
        if (outcome.type === 'done' && outcome.value.committed) written.add(name);
        else again();
      });
  }

  /** Those that belong to the cluster, by the leader's membership. */
  #belonging(): readonly string[] {
    const leader = this.#world.members.find((member) => member.role === 'leader');
    const configuration = leader?.raft?.configuration;
    if (leader === undefined) return [];
    const names = configuration === undefined ? [leader.name] : [...configuration.voters, ...configuration.learners];
    return names.filter((name) => this.#world.members.some((member) => member.name === name && !member.corrupt));
  }

  #converged(written: ReadonlySet<string>): boolean {
    const names = this.#belonging();
    if (names.length === 0 || !names.every((name) => written.has(name))) return false;
    const stores = this.#world.members.filter(({ name }) => names.includes(name)).map(({ store }) => store);
    const [first] = stores;
    return stores.every((store) => store !== undefined && store.revision === first?.revision);
  }

  /** The members' own comparison of all that they hold must find them equal, too. */
  async #compareHashes(names: readonly string[]): Promise<void> {
    const { members, ledger, time } = this.#world;
    const asked = members.find((member) => names.includes(member.name) && member.role === 'leader');
    let over = false;
    void asked
      ?.call((store) => store.members.compareHashes())
      .then((outcome) => {
        over = true;
        if (outcome.type === 'done' && !outcome.value.equal) ledger.fail('equal-hashes', JSON.stringify(outcome.value));
      });
    await time.runUntil(time.monotonic() + 2_000, () => this.#step() || over);
  }

  /** What was written within the time of the history is still kept everywhere, by clocks that agree about that. */
  async #keepPast(names: readonly string[]): Promise<void> {
    const { members, ledger, options, time } = this.#world;
    const { historyMs, historyEventsMax, faults } = options;
    const errors = members.map((member) => member.clockErrorMs(time.monotonic()));
    const agree = faults['clock-jump'] === undefined && Math.max(...errors) - Math.min(...errors) < historyMs / 5;
    const { compacting, compactedAt } = this.#world;
    const settled = compacting === 0 && time.monotonic() - compactedAt > lateCommandMs;
    const judged = agree && settled && historyMs <= shortHistoryMs && historyEventsMax >= 1_000;
    if (this.#failed || !judged) return;
    const leader = members.find(({ name, role }) => names.includes(name) && role === 'leader');
    const written: (Revision | undefined)[] = [];
    for (const [text, ms] of [
      ['first', historyMs / 3],
      ['second', historyMs / 3],
      ['third', 500],
    ] as const) {
      void leader
        ?.call((store) =>
          store.transact(
            { compares: [], operations: [probeOf('past', `${text}-${this.#probes}`)] },
            { deadlineMs: 3_000 },
          ),
        )
        .then((outcome) => {
          written.push(outcome.type === 'done' && outcome.value.committed ? outcome.value.revision : undefined);
        });
      await time.runUntil(time.monotonic() + ms, () => this.#step());
    }
    const [first] = written;
    // A backup that is on its way ends the past, too.
    if (first === undefined || this.#world.compactedAt !== compactedAt) return;
    for (const { name, store } of members.filter((member) => names.includes(member.name))) {
      const { oldestRevision: oldest = 0 } = store?.status() ?? {};
      if (oldest > first) ledger.fail('kept-past', `${name} forgot revision ${first} within its history`);
    }
  }

  #checkState({ name, mirror }: Member, store: StoreMember): void {
    const { ledger } = this.#world;
    const { records } = store.range({ prefix: '' });
    ledger.onState(name, store.revision, records);
    const [problem] = stateProblems(store, (revision) => ledger.stateAt(revision));
    if (problem !== undefined) ledger.fail(problem.includes(' owns ') ? 'owners' : 'reads', `${name}: ${problem}`);
    const told = records.every(({ key, revision }) => mirror.get(key) === revision) && mirror.size === records.length;
    if (!told) ledger.fail('applied', `who follows what ${name} applies has another state than ${name}`);
  }

  /** Every lease ends, in bounded time, on all who belong to the cluster until then: a late command may remove one. */
  async #awaitLeases(): Promise<void> {
    const { time, leases, members, ledger } = this.#world;
    const names = this.#belonging();
    let now = names;
    // The time goes by most voters: one clock that is behind by minutes is half of two.
    const right = members.filter(({ name, up, clockIsFar }) => names.includes(name) && up && !clockIsFar);
    if (right.length * 2 <= names.length) return;
    const kept = (): readonly Member[] => {
      const led = this.#belonging();
      if (led.length > 0) now = led;
      return members.filter(
        ({ name, store }) => names.includes(name) && now.includes(name) && (store?.count('/lease/') ?? 0) > 0,
      );
    };
    const until = time.monotonic() + leases.leftMs(time.now());
    await time.runUntil(until, () => this.#step() || kept().length === 0);
    for (const { name } of kept()) ledger.fail('late-expiry', `a lease is still there on ${name}`);
  }

  /** The last comparison: states and watches. */
  async #settle(): Promise<void> {
    const { members, watchers, time } = this.#world;
    if (this.#failed) return;
    await this.#awaitLeases();
    const names = this.#belonging();
    for (const member of members.filter(({ name }) => names.includes(name))) {
      if (member.store !== undefined) this.#checkState(member, member.store);
    }
    await this.#compareHashes(names);
    await this.#keepPast(names);
    await time.runUntil(time.monotonic() + 1, () => this.#step());
    for (const watcher of watchers)
      if (watcher.watching && !watcher.gone) watcher.complete(watcher.member?.store?.revision ?? 0);
  }
}
