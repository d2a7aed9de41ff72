/**
 * What an operator did or met that the command cannot go on with: one line that says what, and how to fix it. Exit code
 * 1.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
