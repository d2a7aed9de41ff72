/** Log levels that can change while the process runs. */

/** What is written at least; `silent`: nothing. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Another level for the actors whose address fits the pattern, and for those below. */
export interface LogRule {
  readonly pattern: string;
  readonly level: LogLevel;
}

/** The levels of one process. They end with it. */
export interface LogLevels {
  level: LogLevel;
  /** In the order in which they were set: of several that fit the newest counts. */
  readonly rules: readonly LogRule[];
  /**
   * Gives actors another level; undefined: the process's again. False: there are `limits.logRulesMax` rules
   * already.
   */
  setLevel(pattern: string, level: LogLevel | undefined): boolean;
}
