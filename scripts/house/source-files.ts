/** The sources that the house is measured by: what git knows or would add, without what is generated or foreign. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export interface SourceFile {
  /** Relative to the repository. */
  readonly file: string;
  readonly text: string;
  /** Tests, the suites that twins share, fixtures and what lies in a testing/ folder. */
  readonly isTest: boolean;
  /** Generated from the schema tables, or a table of data: its lines are not read as code. */
  readonly isData: boolean;
}

export function sourceFiles(folders: readonly string[]): readonly SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...folders], {
    encoding: 'utf8',
  });
  return listed
    .split('\n')
    .filter((file) => /\.(ts|js|mjs)$/.test(file) && !/^dashboard\/vendor\//.test(file) && existsSync(file))
    .map((file) => ({
      file,
      text: readFileSync(file, 'utf8'),
      isTest: /\.(test|suite|fixture)\.ts$|\/testing\//.test(file),
      isData: /^src\/(api\/schema\/tables|client\/kinds|api\/objects\/generated)\b/.test(file),
    }));
}
