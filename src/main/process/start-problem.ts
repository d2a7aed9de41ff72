/** The error of a process that cannot start. */

/** One line that says what to do. A restart does not help. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem';
}
