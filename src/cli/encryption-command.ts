/** `troupe encryption`: the keys that encrypt the store on disk. */
import type { Command } from 'commander';
import { encryptionStatus, rotateEncryption, storeFoldersOf, systemTimers } from '../main/index.ts';
import { Problem } from './problem.ts';
import type { HomeFlags, Shell } from './shell.ts';

const waitMs = 60_000;

export function addEncryption(program: Command, shell: Shell): void {
  const placeOf = (flags: HomeFlags): Parameters<typeof encryptionStatus>[0] => {
    const home = shell.homeOf(flags);
    const settings = shell.settingsOf(home);
    if (!settings.encryption.enabled) throw new Problem('encryption is off (encryption.enabled)');
    return { home, settings: settings.encryption, storeFolders: storeFoldersOf(home).map(({ folder }) => folder) };
  };
  const encryption = program.command('encryption').description('Manages the keys that encrypt the store on disk.');
  shell
    .command(encryption, 'status', 'Shows the keys and which of them each store needs.')
    .action((flags: HomeFlags) => {
      const place = placeOf(flags);
      const status = encryptionStatus(place);
      const endpoint = place.settings.kms?.endpoint ?? '';
      shell.out(
        endpoint === ''
          ? `keys (${status.file}): ${status.keys.join(', ')}; the first encrypts`
          : `the KMS plug-in at ${endpoint} holds the key`,
      );
      for (const { folder, needs } of status.stores) shell.out(`${folder}: needs ${needs.join(', ')}`);
    });
  shell
    .command(
      encryption,
      'rotate',
      'Creates a new key, rewrites every store with it and deletes the old keys, without downtime.',
    )
    .action(async (flags: HomeFlags) => {
      const place = placeOf(flags);
      const endpoint = place.settings.kms?.endpoint ?? '';
      if (endpoint !== '')
        throw new Problem(
          `the KMS plug-in at ${endpoint} holds the key; change it there, and members follow within a minute`,
        );
      const { key, dropped, behind } = await rotateEncryption(place, { timers: systemTimers, waitMs });
      if (behind.length > 0)
        throw new Problem(
          `${key} is the first key now, but ${behind.join(', ')} still needs an older one, so the old keys stay; ` +
            'start its member and rotate again',
        );
      shell.out(`${key} encrypts now; deleted ${dropped.join(', ')}`);
    });
}
