/**
 * Those who hear of changes: watchers of a prefix or of one field's value (WatchHub), and listeners of every applied
 * batch (AppliedListeners), joined in the ChangePublisher. Each hears every change once and in order, after the state
 * shows it.
 */
export type { AppliedListener } from './applied-listeners.ts';
export { ChangePublisher } from './change-publisher.ts';
