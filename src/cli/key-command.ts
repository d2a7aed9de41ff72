/** `troupe key`: the keys that sign service accounts' tokens. */
import type { Command } from 'commander';
import {
  dropSigningKey,
  type Home,
  plannedMembers,
  rotateSigningKey,
  signingKeyStatus,
  systemTimers,
} from '../main/index.ts';
import { askApi } from './api-call.ts';
import { Problem } from './problem.ts';
import type { HomeFlags, Shell } from './shell.ts';

export function addKeys(program: Command, shell: Shell): void {
  const key = program.command('key').description("Manages the keys that sign service accounts' tokens.");
  shell
    .command(key, 'status', 'Shows the key that signs, and the keys whose tokens are still accepted.')
    .action((flags: HomeFlags) => {
      const { signing, accepted } = signingKeyStatus(shell.homeOf(flags).pki);
      shell.out(`${signing} signs`);
      for (const { id } of accepted) shell.out(`${id} is accepted`);
    });
  shell
    .command(
      key,
      'rotate',
      'Lets a new key sign, without downtime; tokens of the old key stay valid until they expire.',
    )
    .action(async (flags: HomeFlags) => {
      const home = shell.homeOf(flags);
      const { signing, before } = onSeveralMachines(home)
        ? await askMembers<{ signing: string; before: string }>(shell, home, { rotate: true })
        : await rotateSigningKey(home.pki, systemTimers);
      shell.out(`${signing} signs now; ${before} is accepted until \`troupe key drop ${before}\``);
    });
  shell
    .command(key, 'drop <id>', 'Stops accepting the tokens of a key.')
    .action(async (id: string, flags: HomeFlags) => {
      const home = shell.homeOf(flags);
      const { pki } = home;
      if (onSeveralMachines(home)) await askMembers(shell, home, { drop: id });
      else if (signingKeyStatus(pki).signing === id) throw new Problem(`${id} is the key that signs; rotate first`);
      else if (!dropSigningKey(pki, id)) throw new Problem(`there is no key ${id}`);
      shell.out(`${id} is no longer accepted`);
    });
}

const onSeveralMachines = (home: Home): boolean => plannedMembers(home).some(({ elsewhere }) => elsewhere === true);

/** The members change the keys among themselves: this command reaches only the files of its own machine. */
async function askMembers<T>(shell: Shell, home: Home, body: object): Promise<T> {
  const answer = await askApi(home, await shell.servingUrl(home), '/troupe/api/members/keys', {
    method: 'POST',
    body,
    timeoutMs: 20_000,
  });
  const parsed = JSON.parse(answer.body) as T & { readonly message?: string };
  if (answer.status !== 200) throw new Problem(parsed.message ?? `the API answered ${answer.status}`);
  return parsed;
}
