/** What a cluster is doing at the moment: what a fault may meet. */

/**
 * The columns of the coverage table. A part that adds one names it here and either shows it in `Member.phases` or
 * calls `World.enter` when it begins and what that returns when it ends.
 */
export const phases = [
  'quiet',
  'load',
  'election',
  'start',
  'rejoin',
  'joint',
  'learner',
  'snapshot',
  'transfer',
  'install',
  'turnover',
  'backup',
] as const;
export type Phase = (typeof phases)[number];

/** The phases in words, for the table's legend. */
export const phaseWords: Readonly<Record<Phase, string>> = {
  quiet: 'none of the others',
  load: 'many writes wait for the log',
  election: 'nobody leads',
  start: 'the member reads its disk',
  rejoin: 'the member was damaged and is taken back',
  joint: 'two memberships count',
  learner: 'a member follows without a vote',
  snapshot: 'the member writes a snapshot',
  transfer: 'a snapshot is on its way',
  install: 'a snapshot of the leader takes the place of the state',
  turnover: 'the log lays out or begins a segment',
  backup: 'a backup is read',
};

/** Phases of the whole cluster that are under way, each as often as it was begun. */
export class OpenPhases {
  readonly #open = new Map<Phase, number>();

  /** Begins a phase; the call that it returns ends it. */
  enter(phase: Phase): () => void {
    this.#open.set(phase, (this.#open.get(phase) ?? 0) + 1);
    let over = false;
    return () => {
      if (!over) this.#open.set(phase, (this.#open.get(phase) ?? 1) - 1);
      over = true;
    };
  }

  get open(): readonly Phase[] {
    return [...this.#open].filter(([, count]) => count > 0).map(([phase]) => phase);
  }
}
