/** The simulator's eyes: every core's calls, as long as a run lasts. */
import type { Raft, Ready } from '../../src/raft/core/index.ts';
import { restoredMember } from './backups.ts';
import type { System } from './system.ts';
import type { World } from './world.ts';

/** Rounds of work that one event may cause before it counts as an endless loop. */
const roundsMax = 20_000;

/** Shows the ledger everything that any core hands out or is told. The call that it returns ends that. */
export function observe(system: System, world: World): () => void {
  const core = system.Raft.prototype;
  const { ready, step, persisted, read } = core;
  const { coreWatch } = world;
  const isForeign = (raft: Raft): boolean => world.ledger.closed || raft.configuration.voters.includes(restoredMember);
  let [event, rounds] = [-1, 0];
  /** Runs a call of a core, and looks whether it took the lead or committed something in it. */
  const watched = <T>(raft: Raft, call: () => T): T => {
    if (!isForeign(raft)) coreWatch.onCall(raft);
    const [role, commit] = [raft.role, raft.commitIndex];
    const made = call();
    if (raft.role !== 'leader' || isForeign(raft)) return made;
    if (role !== 'leader') coreWatch.onLead(raft);
    else if (raft.commitIndex > commit) coreWatch.onCommit(raft);
    return made;
  };
  core.ready = function (this: Raft): Ready {
    rounds = event === world.time.fired ? rounds + 1 : 0;
    event = world.time.fired;
    if (rounds > roundsMax) throw new Error('a core that never comes to rest');
    const made = watched(this, () => ready.call(this));
    if (isForeign(this)) return made;
    world.made(made.messages, this);
    coreWatch.onReady(this, made);
    world.ledger.onReady(this, made);
    return made;
  };
  core.step = function (this: Raft, message): void {
    // A refused vote says what its voter knows to be committed: nothing is counted then.
    const told = message.type === 'vote-response' && this.role === 'leader';
    if (told) step.call(this, message);
    else
      watched(this, () => {
        step.call(this, message);
      });
  };
  core.persisted = function (this: Raft): void {
    if (!isForeign(this)) coreWatch.onPersisted(this);
    watched(this, () => {
      persisted.call(this);
    });
  };
  core.read = function (this: Raft, context): boolean {
    if (!isForeign(this)) coreWatch.onRead(this, context);
    return read.call(this, context);
  };
  return () => {
    Object.assign(core, { ready, step, persisted, read });
  };
}
