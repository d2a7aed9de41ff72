/** Everything that one run consists of. */
import type { Message, Raft } from '../../src/raft/core/index.ts';
import { type Random, seededRandom } from '../../src/base/index.ts';
import { CoreWatch } from './core-watch.ts';
import { Coverage } from './coverage.ts';
import { Growth } from './growth.ts';
import { Journal } from './journal.ts';
import { Leases } from './leases.ts';
import { Ledger } from './ledger.ts';
import { LogWatch } from './log-watch.ts';
import { Member } from './member.ts';
import { Network } from './network.ts';
import { OwedWatch } from './owed-watch.ts';
import { ReadWatch } from './read-watch.ts';
import { OpenPhases, type Phase } from './phases.ts';
import type { SimulationOptions } from './options.ts';
import type { StoreMessage, System } from './system.ts';
import { VirtualTime } from './virtual-time.ts';
import type { Watcher } from './watcher.ts';

/**
 * Every part draws from a separate stream, so that one more draw here changes
 * nothing there.
 */
export class World {
  readonly time = new VirtualTime();
  readonly system: System;
  readonly options: SimulationOptions;
  readonly ledger = new Ledger();
  readonly growth = new Growth(this.ledger);
  readonly coreWatch = new CoreWatch(this.ledger);
  readonly logWatch = new LogWatch(this.ledger);
  readonly owedWatch = new OwedWatch(this.ledger, (index) => this.logWatch.chosenAt(index));
  readonly readWatch = new ReadWatch(this.ledger);
  readonly leases = new Leases(this.ledger);
  readonly coverage = new Coverage();
  readonly journal: Journal;
  readonly network: Network;
  readonly founders: readonly string[];
  readonly members: Member[];
  readonly watchers: Watcher[] = [];
  /** Somebody has ended the past by a command. */
  compacted = false;
  /** Commands to end the past that have not come back. */
  compacting = 0;
  /** When the last one was given, in virtual ms: what a process sent before it died may arrive late. */
  compactedAt = 0;
  /** Writes of provocations so far. */
  provoked = 0;
  /** Large objects written so far. */
  large = 0;
  /** Values of writes that were refused: none of them may ever be there. */
  readonly refused = new Set<string>();
  /** What the whole cluster is doing. */
  readonly #open = new OpenPhases();
  readonly #owners = new WeakMap<object, Raft>();
  readonly #hashed = new Map<string, number>();
  readonly #seed: number;

  constructor(seed: number, options: SimulationOptions, system: System, print?: (line: string) => void) {
    this.#seed = seed;
    this.options = options;
    this.system = system;
    this.journal = new Journal(() => this.time.monotonic(), print);
    this.network = new Network(this.time, this.random('network'), options, system);
    this.founders = Array.from({ length: options.members }, (_, i) => `m${i + 1}`);
    this.members = this.founders.map((name) => new Member(this, name, this.random(name)));
  }

  /** A command to end the past begins; the call that it returns tells its end. */
  compacts(): () => void {
    this.compacted = true;
    this.compacting += 1;
    this.compactedAt = this.time.monotonic();
    return () => {
      this.compacting -= 1;
    };
  }

  /** Resolves when so much virtual time has passed. */
  pass(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.time.after(ms, resolve);
    });
  }

  /** A stream of chance for one part. */
  random(part: string): Random {
    let seed = this.#seed;
    for (let i = 0; i < part.length; i++) seed = Math.imul(seed ^ part.charCodeAt(i), 0x01000193) + i;
    return seededRandom(seed);
  }

  /** Begins a phase of the whole cluster; the call that it returns ends it. */
  enter(phase: Phase): () => void {
    return this.#open.enter(phase);
  }

  /** What these members, and with them the cluster, are doing at the moment. */
  phasesOf(members: readonly Member[]): ReadonlySet<Phase> {
    const found = new Set<Phase>([...this.#open.open, ...members.flatMap((member) => member.phases)]);
    if (!this.members.some(({ role }) => role === 'leader')) found.add('election');
    if (found.size === 0) found.add('quiet');
    return found;
  }

  /** A fault strikes these members: it met what they are and do. */
  met(fault: string, members: readonly Member[]): void {
    this.coverage.note(fault, [...new Set(members.flatMap(({ states }) => states))]);
    for (const phase of this.phasesOf(members)) this.coverage.reached(fault, phase);
  }

  /** Notes whose core made a message. Called for everything that a core hands out. */
  made(messages: readonly Message[], raft: Raft): void {
    for (const message of messages) this.#owners.set(message, raft);
  }

  ownerOf(message: StoreMessage): Raft | undefined {
    return this.#owners.get(message);
  }

  hashedUntil(member: string): number {
    return this.#hashed.get(member) ?? 0;
  }

  hashed(member: string, revision: number): void {
    this.#hashed.set(member, revision);
  }
}
