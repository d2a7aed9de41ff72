import type { Command } from 'commander';
import { dropSigningKey, plannedMembers, rotateSigningKey, signingKeyStatus, systemTimers } from '../main/index.ts';
import { Problem } from './problem.ts';
import type { HomeFlags, Shell } from './shell.ts';

/** `troupe key status`, `rotate` and `drop`: the keys that sign service accounts' tokens. */
export function addKeys(program: Command, shell: Shell): void {
  const key = program.command('key').description("The keys that sign service accounts' tokens.");
  shell.command(key, 'status', 'Shows the key that signs, and those whose tokens are still accepted.').action((flags: HomeFlags) => {
    const { signing, accepted } = signingKeyStatus(shell.homeOf(flags).pki);
    shell.out(`${signing} signs`);
    for (const { id } of accepted) shell.out(`${id} is accepted`);
  });
  shell.command(key, 'rotate', 'Has a new key sign; tokens of the old one are accepted until they expire. Nothing stops meanwhile.').action(async (flags: HomeFlags) => {
    // Every member must accept the new key before one signs by it, and this command reaches its own home's only.
    if (plannedMembers(shell.homeOf(flags)).some(({ elsewhere }) => elsewhere === true)) throw new Problem('members run on other machines, and their keys are not changed from here; docs/auth.md says how it is done by hand');
    const { signing, before } = await rotateSigningKey(shell.homeOf(flags).pki, systemTimers);
    shell.out(`${signing} signs now; ${before} is accepted until \`troupe key drop ${before}\``);
  });
  shell.command(key, 'drop <id>', 'Accepts the tokens of a key no longer.').action((id: string, flags: HomeFlags) => {
    const { pki } = shell.homeOf(flags);
    if (signingKeyStatus(pki).signing === id) throw new Problem(`${id} signs; rotate first`);
    if (!dropSigningKey(pki, id)) throw new Problem(`there is no key ${id}`);
    shell.out(`${id} is not accepted any more`);
  });
}
