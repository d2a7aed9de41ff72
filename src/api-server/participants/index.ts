/**
 * External controllers as supervised participants: programs in any language that reconcile kinds over NATS.
 *
 *   change -> controller's region: one actor a key -> reconcile request -> one of the registered instances -> done
 *                                                                              └ an actor each: heartbeats, epoch,
 *                                                                              crashes
 *
 * Contract (src/protocol/participant.ts): a key is with one instance at a time. An instance that stalls crashes its
 * actor, which is seen in the tree; before its keys go to another its epoch is ended in the store, so that no write of
 * the old one can follow. An unknown participant is told so and registers again; a member that takes
 * over begins by ending all epochs.
 */
export { startParticipants } from './participants.ts';
