/** Gathers the licences of the packages in a bundle. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The package that a file below node_modules belongs to, as its folder. Undefined for other files. */
function packageFolder(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
}

/** The names, versions and licence texts of all packages that went into a bundle, as its readers must be given them. */
export function thirdPartyLicenses(files: readonly string[], root: string): string {
  const folders = [...new Set(files.flatMap((file) => packageFolder(file) ?? []))].sort();
  return folders
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
        readonly name: string;
        readonly version: string;
        readonly license?: string;
      };
      const text = readdirSync(join(root, folder)).find((entry) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(entry));
      if (license === undefined && text === undefined)
        throw new Error(`the package ${name} names no licence; it may not be part of what is published`);
      const notice = join(root, folder, 'NOTICE');
      return [
        `${name} ${version} (${license ?? 'see below'})`,
        '',
        ...(text === undefined ? [] : [readFileSync(join(root, folder, text), 'utf8').trim(), '']),
        ...(existsSync(notice) ? [readFileSync(notice, 'utf8').trim(), ''] : []),
      ].join('\n');
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
