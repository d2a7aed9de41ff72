/** Why a process cannot start, in one line that says what to do. A restart does not help. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem';
}
