import type { Command } from 'commander';
import { encryptionStatus, type Home, rotateEncryption, type Settings, storeFoldersOf, systemTimers } from '../main/index.ts';
import { Problem } from './problem.ts';

export interface EncryptionCommandPorts {
  readonly place: (flags: { readonly home?: string; readonly cluster?: string }) => { readonly home: Home; readonly settings: Settings };
  readonly out: (text: string) => void;
}

const waitMs = 60_000;

/** `troupe encryption status` and `troupe encryption rotate`. */
export function addEncryption(parent: Command, make: (parent: Command, name: string, description: string) => Command, ports: EncryptionCommandPorts): void {
  const placeOf = (flags: { readonly home?: string; readonly cluster?: string }): Parameters<typeof encryptionStatus>[0] => {
    const { home, settings } = ports.place(flags);
    if (!settings.encryption.enabled) throw new Problem('encryption is off (encryption.enabled)');
    return { home, settings: settings.encryption, storeFolders: storeFoldersOf(home).map(({ folder }) => folder) };
  };
  const encryption = parent.command('encryption').description('The keys by which the store is encrypted on disk.');
  make(encryption, 'status', 'Shows the keys, and which of them each store needs.').action((flags: { readonly home?: string; readonly cluster?: string }) => {
    const place = placeOf(flags);
    const status = encryptionStatus(place);
    ports.out(`keys (${status.file}): ${status.keys.join(', ')}; the first encrypts`);
    for (const { folder, needs } of status.stores) ports.out(`${folder}: needs ${needs.join(', ')}`);
  });
  make(encryption, 'rotate', 'Makes a new key, has every store written with it, and takes the old keys away; nothing stops meanwhile.').action(async (flags: { readonly home?: string; readonly cluster?: string }) => {
    const place = placeOf(flags);
    const { key, dropped, behind } = await rotateEncryption(place, { timers: systemTimers, waitMs });
    if (behind.length > 0) throw new Problem(`${key} is the first key now, but ${behind.join(', ')} still needs an older one, so the old keys stay; start its member and rotate again`);
    ports.out(`${key} encrypts now; ${dropped.join(', ')} ${dropped.length === 1 ? 'is' : 'are'} gone`);
  });
}
