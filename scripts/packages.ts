/** The third-party packages of the lock file. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

export interface LockedPackage {
  /** Its folder below the repository: two versions of one package have two. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string | undefined;
  /** The hash that npm checks the archive against; absent for packages that lie inside another's archive. */
  readonly integrity: string | undefined;
  readonly inBundle: boolean;
  /** It would run a program when it is installed. */
  readonly installScript: boolean;
  /** For developing alone: it is neither in the program nor installed with it. */
  readonly dev: boolean;
}

interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
}

/** Packages that name their licence in a way that npm does not copy into the lock file (`licenses`). */
const namedElsewhere: Readonly<Record<string, string>> = { buildcheck: 'MIT', 'cpu-features': 'MIT', ssh2: 'MIT' };

/** Sorted by name, then version. */
export function lockedPackages(): readonly LockedPackage[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockEntry>>;
  };
  return Object.entries(lock.packages)
    .filter(([folder]) => folder !== '')
    .map(([folder, entry]): LockedPackage => {
      const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return {
        folder,
        name,
        version: entry.version ?? '',
        licence: entry.license ?? namedElsewhere[name],
        integrity: entry.integrity,
        inBundle: entry.inBundle === true,
        installScript: entry.hasInstallScript === true,
        dev: entry.dev === true,
      };
    })
    .sort((left, right) => order(`${left.name} ${left.version}`, `${right.name} ${right.version}`));
}

const order = (left: string, right: string): number => (left < right ? -1 : Number(left > right));

/** The page that lists them all. */
export function licencesPage(packages: readonly LockedPackage[] = lockedPackages()): string {
  const rows = (dev: boolean): string => [...new Set(packages.filter((one) => one.dev === dev).map(rowOf))].join('\n');
  return `# Third-party packages

Made from package-lock.json by \`npm run licences\`. The texts of the licences of what is in the program are in
\`dist/third-party-licenses.txt\`.

## In the program, or installed with it

| package | version | licence |
|---|---|---|
${rows(false)}

## For developing only

| package | version | licence |
|---|---|---|
${rows(true)}
`;
}

function rowOf({ name, version, licence = 'unknown' }: LockedPackage): string {
  return `| ${name} | ${version} | ${licence} |`;
}
