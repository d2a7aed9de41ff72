/** The simulator's eyes: every core's calls, as long as a run lasts. */
import type { Message, Raft, Ready } from '../../src/raft/core/index.ts';
import { restoredMember } from './backups.ts';
import { type Before, lookAt } from './log-watch.ts';
import type { System } from './system.ts';
import type { World } from './world.ts';

/** Rounds of work that one event may cause before it counts as an endless loop. */
const roundsMax = 20_000;

/** Shows what one core is told and hands out to all who watch. */
class Eyes {
  readonly #world: World;
  readonly #seen = new WeakSet<Raft>();
  #event = -1;
  #rounds = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** A core that is none of the cluster's. */
  isForeign(raft: Raft): boolean {
    return this.#world.ledger.closed || raft.configuration.voters.includes(restoredMember);
  }

  /** Throws when one event makes a core work without end. */
  countRound(): void {
    const { fired } = this.#world.time;
    this.#rounds = this.#event === fired ? this.#rounds + 1 : 0;
    this.#event = fired;
    if (this.#rounds > roundsMax) throw new Error('a core that never comes to rest');
  }

  /** Runs a call of a core, and looks whether it took the lead or committed something in it. */
  watched<T>(raft: Raft, call: () => T, message?: Message): T {
    if (!this.isForeign(raft)) this.#begins(raft);
    const before = lookAt(raft);
    const made = call();
    if (!this.isForeign(raft)) this.#judge(raft, before, message);
    return made;
  }

  onReady(raft: Raft, made: Ready): void {
    const { coreWatch, logWatch, owedWatch, readWatch, ledger } = this.#world;
    this.#world.made(made.messages, raft);
    coreWatch.onReady(raft, made);
    logWatch.onReady(raft, made);
    owedWatch.onReady(made.messages);
    readWatch.onReady(raft, made);
    ledger.onReady(raft, made);
  }

  onPersisted(raft: Raft): void {
    const { coreWatch, logWatch, owedWatch } = this.#world;
    coreWatch.onPersisted(raft);
    const end = coreWatch.durableEnd(raft);
    if (end !== undefined) logWatch.onDurable(raft, end);
    const confirmed = coreWatch.confirmedEnd(raft);
    if (confirmed !== undefined) owedWatch.onConfirmed(raft, confirmed);
  }

  onRead(raft: Raft, context: number): void {
    this.#world.coreWatch.onRead(raft, context);
    this.#world.readWatch.onRead(raft, raft.identity.member, context);
  }

  #begins(raft: Raft): void {
    this.#world.coreWatch.onCall(raft);
    if (this.#seen.has(raft)) return;
    this.#seen.add(raft);
    const member = this.#world.members.find(({ name }) => name === raft.identity.member);
    this.#world.logWatch.onLife(raft, member?.rotten === true);
    this.#world.owedWatch.onLife(raft);
  }

  #judge(raft: Raft, before: Before, message: Message | undefined): void {
    const { coreWatch, logWatch, owedWatch } = this.#world;
    logWatch.onCall(raft, before, message);
    owedWatch.onCall(raft);
    if (raft.role !== 'leader') return;
    // A refused vote says what its voter knows to be committed: nothing is counted then.
    if (before.role !== 'leader') coreWatch.onLead(raft);
    else if (raft.commitIndex > before.commit && message?.type !== 'vote-response') coreWatch.onCommit(raft);
  }
}

/** Shows the ledger everything that any core hands out or is told. The call that it returns ends that. */
export function observe(system: System, world: World): () => void {
  const core = system.Raft.prototype;
  const { ready, step, persisted, read } = core;
  const eyes = new Eyes(world);
  core.ready = function (this: Raft): Ready {
    eyes.countRound();
    const made = eyes.watched(this, () => ready.call(this));
    if (!eyes.isForeign(this)) eyes.onReady(this, made);
    return made;
  };
  core.step = function (this: Raft, message): void {
    if (!eyes.isForeign(this)) world.readWatch.onMessage(this, message);
    const call = (): void => {
      step.call(this, message);
    };
    eyes.watched(this, call, message);
  };
  core.persisted = function (this: Raft): void {
    if (!eyes.isForeign(this)) eyes.onPersisted(this);
    eyes.watched(this, () => {
      persisted.call(this);
    });
  };
  core.read = function (this: Raft, context): boolean {
    if (!eyes.isForeign(this)) eyes.onRead(this, context);
    return read.call(this, context);
  };
  return () => {
    Object.assign(core, { ready, step, persisted, read });
  };
}
