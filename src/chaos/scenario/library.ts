/** The scenarios that come along, and those in files of the user's. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseScenario, type Scenario } from './scenario.ts';

const ending = '.yaml';

/** The names of the scenarios in a folder, sorted. */
export function scenarioNames(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => basename(file, ending))
    .sort();
}

/**
 * The scenario of this name in the folder, or in the file of this path. Throws a ScenarioError for what is wrong in it;
 * undefined when there is none.
 */
export function loadScenario(folder: string, nameOrFile: string): Scenario | undefined {
  const own = join(folder, `${nameOrFile}${ending}`);
  const file = /^[a-z0-9-]+$/.test(nameOrFile) && existsSync(own) ? own : nameOrFile;
  if (!existsSync(file)) return undefined;
  return parseScenario(file === own ? basename(own) : file, readFileSync(file, 'utf8'));
}
