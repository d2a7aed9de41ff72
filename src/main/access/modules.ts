/** Loads modules that authenticate or authorize, which the settings name. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AuthenticationPlugIn, AuthorizationPlugIn } from '../../api-server/index.ts';
import { type Clock, errorMessage, type Logger } from '../../base/index.ts';
import { StartProblem } from '../process/index.ts';

/** The argument of a module's default export. */
export interface ModulePorts {
  readonly log: Logger;
  readonly clock: Clock;
  /** The home's folder, where a module may keep files of its own. */
  readonly folder: string;
}

interface ModuleList<T> {
  /** The setting that names the files, for messages. */
  readonly setting: string;
  readonly files: readonly string[];
  /** The part that a plug-in lacks; undefined: none. */
  readonly lacks: (made: Partial<T>) => string | undefined;
}

/** The authenticators of the modules, in their order. Rejects with StartProblem for one that cannot be used. */
export function authenticationModules(files: readonly string[], ports: ModulePorts): Promise<AuthenticationPlugIn[]> {
  return plugInsOf<AuthenticationPlugIn>(
    {
      setting: 'authentication.modules',
      files,
      lacks: ({ token, request }) =>
        typeof token === 'function' || typeof request === 'function' ? undefined : 'a function `token` or `request`',
    },
    ports,
  );
}

export function authorizationModules(files: readonly string[], ports: ModulePorts): Promise<AuthorizationPlugIn[]> {
  return plugInsOf<AuthorizationPlugIn>(
    {
      setting: 'authorization.modules',
      files,
      lacks: ({ authorize }) => (typeof authorize === 'function' ? undefined : 'a function `authorize`'),
    },
    ports,
  );
}

async function plugInsOf<T extends { readonly name: string }>(list: ModuleList<T>, ports: ModulePorts): Promise<T[]> {
  const made: T[] = [];
  for (const file of list.files) made.push(await plugInOf(list, resolve(ports.folder, file), ports));
  return made;
}

async function plugInOf<T extends { readonly name: string }>(
  { setting, lacks }: ModuleList<T>,
  file: string,
  ports: ModulePorts,
): Promise<T> {
  const refuse = (what: string): never => {
    throw new StartProblem(`${setting}: the module ${file} ${what}; docs/auth.md shows an example`);
  };
  let made: unknown;
  try {
    const { default: start } = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
    if (typeof start !== 'function') return refuse('has no function as its default export');
    made = await (start as (given: ModulePorts) => unknown)({ ...ports, log: ports.log.with({ module: file }) });
  } catch (error) {
    return error instanceof StartProblem ? Promise.reject(error) : refuse(`failed: ${errorMessage(error)}`);
  }
  if (typeof made !== 'object' || made === null || typeof (made as Partial<T>).name !== 'string')
    return refuse('returned no object with a name');
  const missing = lacks(made as Partial<T>);
  return missing === undefined ? (made as T) : refuse(`returned an object without ${missing}`);
}
