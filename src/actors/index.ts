/**
 * Actors and their supervision. The only folder that knows nact.
 *
 *   system ── kind ── bucket ── object         one mailbox each, one supervisor each
 *
 * nact gives the tree and the turns. Around it stand what an orchestrator needs: mailboxes with a bound, asks with a
 * deadline, a restart budget with back-off that ends in escalation, a record of every crash, counters, and a picture of
 * the live tree.
 *
 * Contract: an actor handles one message at a time. `tell` says whether the message was taken; nothing is lost in
 * silence. A crash restarts the actor with a fresh state (its mailbox is kept), until its budget is spent; then its
 * supervisor decides. nact's price per message grows with the receiver's children, so one nact message drains up to 64
 * of ours, and a parent that gets messages has few children. (Terms: Hewitt's actors, Erlang/OTP supervision, Akka's
 * directives, Orleans' activation.)
 */
export type { ActorContext, ActorRef, ActorSystem, Behaviour, Region } from './actor.ts';
export { createActorSystem } from './actor-system.ts';
export { AskError } from './ask-error.ts';
export type { CrashStore } from './crash-journal.ts';
export { resourceAddress } from './address.ts';
export type { Disturbance } from './disturbance.ts';
export { createDirectory, type Directory } from './directory.ts';
export { createRegion } from './region.ts';
export { passiveKind, type ResourceReader } from './resource-actor.ts';
export { bucketOf, type ShardMap, soleOwner } from './shard-map.ts';
export type { ActorNode, CrashRecord } from './tree.ts';
