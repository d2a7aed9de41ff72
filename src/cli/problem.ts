/** The error that a command ends with: one line that says what failed and how to fix it. */

/** The exit code for a command line that says what cannot be, where 1 is a verdict. */
export const wrongCommandLine = 2;

/** Its message is shown without a stack. Exit code 1 unless it says otherwise. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
