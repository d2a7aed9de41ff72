/** `troupe key`: the keys that sign service accounts' tokens, and the other secrets of the cluster. */
import { type Command, Option } from 'commander';
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
import { rotateSecrets, rotationLines } from './key-rotation.ts';
import { examples, type HomeFlags, type Shell } from './shell.ts';

export function addKeys(program: Command, shell: Shell): void {
  const key = program.command('key').description("Manages the cluster's keys and secrets.");
  shell
    .command(key, 'status', 'Shows the keys of tokens, and how far a rotation is on every member and node.')
    .action(async (flags: HomeFlags) => {
      const home = shell.homeOf(flags);
      const { signing, accepted } = signingKeyStatus(home.pki);
      shell.out(`${signing} signs`);
      for (const { id } of accepted) shell.out(`${id} is accepted`);
      for (const line of await rotationLines(shell, home).catch(noAnswer)) shell.out(line);
    });
  shell
    .command(
      key,
      'rotate',
      'Lets a new key sign, without downtime; tokens of the old key stay valid until they expire. ' +
        'With a flag: replaces other secrets, and the old ones open nothing any more.',
    )
    .option('--authority', 'the certificate authorities and all other secrets; locks a removed member out')
    .option('--nats', 'the passwords of members and NATS servers')
    .option('--admin-token', 'the token of nats.json')
    .option('--leave-out <names...>', 'members and nodes that are away: they are shut out until they join again')
    .addOption(new Option('--until <step>', 'stop after this step').choices(['trust', 'renew']))
    .addHelpText(
      'after',
      examples('troupe key rotate --authority', 'troupe key rotate --authority --leave-out member-3'),
    )
    .action(async (flags: RotateFlags) => {
      const home = shell.homeOf(flags);
      const parts = partsOf(flags);
      if (parts.length > 0) {
        await rotateSecrets(shell, home, { parts, leaveOut: flags.leaveOut ?? [], until: flags.until });
        return;
      }
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

interface RotateFlags extends HomeFlags {
  readonly authority?: true;
  readonly nats?: true;
  readonly adminToken?: true;
  readonly leaveOut?: readonly string[];
  readonly until?: string;
}

/** Who had one secret of a member had them all: with the authority, everything is replaced. */
function partsOf({ authority, nats, adminToken }: RotateFlags): readonly string[] {
  if (authority === true) return ['authority', 'signing-key', 'nats', 'admin-token'];
  return [...(nats === true ? ['nats'] : []), ...(adminToken === true ? ['admin-token'] : [])];
}

/** A home that does not run has its keys all the same. */
const noAnswer = (): readonly string[] => [];

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
