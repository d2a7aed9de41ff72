/**
 * What the operator sees: one live picture of every process of the cluster, and its last hour.
 *
 *   process ── reporter ── frames (what changed) ── bus: tree.<process> ──┐
 *   process ── reporter ── frames ─────────────────────────────────────── ┼─> every member: picture ── alerts ── time
 *   line
 *                                                                         │ └── recording (one hour, bounded)
 *   dashboard <── server-sent events: one tick a second ──────────────────┘
 *
 * Contract: a frame says what changed since the one before; a reader who misses one asks for everything. The same
 * frames make the picture of a member, the recording, and the browser's view, so a replay shows what was seen live.
 * Looking at a tree costs at most a hundredth of a core, whatever its size: a large one is looked at less often.
 */
export {
  type ActorRow,
  type Frame,
  type ProcessFigures,
  type ShardRow,
  type Tick,
  type TimelineEvent,
} from './frame.ts';
export { startReporter } from './reporter.ts';
export { isDisturbance, isLevel, isPattern } from './questions.ts';
export { resourceDirectory } from './resource-directory.ts';
export { startSupervision, type Supervision } from './supervision.ts';
