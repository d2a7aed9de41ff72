/**
 * Judges what clients saw: whether a recorded concurrent history could have come from one object that does one thing at
 * a time (linearisability, after Herlihy and Wing 1990; the search is Wing and Gong's with Lowe's memory).
 *
 *   operations (called, returned or never, result) ──▶ checkLinearisable(model, history) ──▶ verdict
 *
 * Contract: pure and deterministic; an operation without an answer may have happened at any time after its call, or not
 * at all; a search that is given up says so and proves nothing. Simulation and `troupe chaos` use the same check.
 */
export { type Change, type KeyCondition, type Held, type KeyAction, keyModel } from './key-model.ts';
export { checkLinearisable, type Model, type Operation } from './linearisability.ts';
