/** The token of a join: on the command line, or in a file, where other users of the machine do not see it. */
import { readFileSync } from 'node:fs';
import { errorMessage } from '../base/index.ts';
import { Problem } from './problem.ts';

export interface TokenFlags {
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
}

/** Throws a Problem unless it is given exactly once. `-` is standard input. */
export function givenToken({ token, tokenFile }: TokenFlags): string {
  if (token !== undefined && tokenFile === undefined) return token;
  if (token !== undefined || tokenFile === undefined)
    throw new Problem(
      'give the token that `troupe token create` printed: --token-file FILE (- is standard input), or --token TOKEN',
    );
  try {
    return readFileSync(tokenFile === '-' ? 0 : tokenFile, 'utf8').trim();
  } catch (error) {
    throw new Problem(`--token-file: cannot read ${tokenFile} (${errorMessage(error)})`);
  }
}
