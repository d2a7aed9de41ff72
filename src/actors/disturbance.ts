/** What an operator who tests a cluster does to one actor for a while. */

/**
 * `stall`: it stands still; its messages wait. `duplicate`: each message that others send it comes twice. At most
 * `limits.disturbanceMsMax`, so that nobody has to undo it; 0 ends the one that is in force.
 */
export interface Disturbance {
  readonly how: 'stall' | 'duplicate';
  readonly forMs: number;
}
