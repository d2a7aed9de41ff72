/**
 * Those who hear of changes: watchers of a prefix or of one field's value (WatchHub), and listeners of every applied
 * batch (AppliedListeners). Each hears every change once and in order, after the state shows it.
 */
export { type AppliedListener, AppliedListeners } from './applied-listeners.ts';
export { WatchHub } from './watch-hub.ts';
