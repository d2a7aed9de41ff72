/** What a check says of a control. */

export interface Verdict {
  readonly state: 'pass' | 'fail' | 'manual' | 'not applicable';
  /** What was seen, or why it cannot be decided. */
  readonly detail: string;
}

export const verdict = (passes: boolean, detail: string): Verdict => ({ state: passes ? 'pass' : 'fail', detail });
