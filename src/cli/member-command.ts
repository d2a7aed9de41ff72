import Table from 'cli-table3';
import { type Command, Option } from 'commander';
import {
  forgetMember,
  type Home,
  lives,
  plannedMembers,
  type ProcessNote,
  readNotes,
  storeFolderOf,
} from '../main/index.ts';
import { type ApiAnswer, askApi } from './api-call.ts';
import { endProcess } from './down.ts';
import { startKeptMember } from './keeper.ts';
import { Problem } from './problem.ts';
import type { HomeFlags, Shell } from './shell.ts';
import { untilServing } from './up.ts';

interface Member {
  readonly name: string;
  readonly role: string;
  readonly leader: boolean;
  readonly alive: boolean;
  readonly drained: boolean;
  readonly url?: string;
  readonly version?: string;
  readonly shards: readonly unknown[];
}

/** `troupe member`: who belongs to the control plane, and who of them works. */
export function addMember(program: Command, shell: Shell): void {
  const member = program
    .command('member')
    .description('Looks after the members: who works, who is to rest, who leaves.');
  shell
    .command(member, 'list', 'Each member with its part in the store and how many shards of the work it owns.')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json']).default('table'))
    .action(async (flags: HomeFlags & { output: string }) => {
      const { members } = await ask(shell, flags);
      shell.out(flags.output === 'json' ? JSON.stringify(members) : tableOf(members));
    });
  for (const [name, drained, description] of [
    ['drain', true, "Moves a member's work to the others, before it is stopped or upgraded; it serves on."],
    ['undrain', false, 'Lets a drained member work again.'],
  ] as const) {
    shell
      .command(member, name, description)
      .argument('<member>')
      .addHelpText('after', `\nExamples:\n  troupe member ${name} member-2`)
      .action(async (which: string, flags: HomeFlags) => {
        shell.out(tableOf((await ask(shell, flags, { member: which, drained })).members));
      });
  }
  shell
    .command(
      member,
      'restart',
      'Stops a member of this machine when the others have its work, and starts it again: for upgrades, one member after the other.',
    )
    .argument('<member>')
    .addHelpText('after', '\nExamples:\n  troupe member restart member-2')
    .action(async (which: string, flags: HomeFlags) => {
      await restart(shell, flags, which);
      shell.out(`${which} serves again`);
    });
  shell
    .command(member, 'remove', 'Takes a member out of the cluster for good: its work, its vote, and its process.')
    .argument('<member>')
    .action(async (which: string, flags: HomeFlags) => {
      shell.out(await remove(shell, flags, which));
    });
}

/** Every other voter must be alive: without it the cluster would stand still meanwhile. Drained before, it stays so. */
async function restart(
  shell: Shell,
  flags: HomeFlags,
  which: string,
  { withNode }: { readonly withNode?: boolean } = {},
): Promise<void> {
  const home = shell.homeOf(flags);
  const note = noteOf(home, which);
  if (note === undefined)
    throw new Problem(`${which} does not run from ${home.folder}; \`troupe status\` shows who does`);
  const { members } = await ask(shell, flags);
  const silent = members
    .filter(({ name, role, alive }) => name !== which && role === 'voter' && !alive)
    .map(({ name }) => name);
  if (silent.length > 0) throw new Problem(`${silent.join(', ')} must be alive before ${which} is stopped`);
  const drained = members.find(({ name }) => name === which)?.drained ?? false;
  if (!drained && members.length > 1) await ask(shell, flags, { member: which, drained: true });
  await endProcess(home, which);
  startKeptMember(home, which, { withNode: withNode ?? note.node !== undefined });
  await untilServing(home, which);
  if (!drained && members.length > 1) await ask(shell, flags, { member: which, drained: false });
}

/** Asked of another member than the one that goes, wherever that runs. Answers what is to be said. */
async function remove(shell: Shell, flags: HomeFlags, which: string): Promise<string> {
  const home = shell.homeOf(flags);
  const { members } = await ask(shell, flags);
  if (!members.some(({ name }) => name === which))
    throw new Problem(`there is no member ${which}; \`troupe member list\` shows them`);
  const other = members.find(
    ({ name, alive, role, url }) => name !== which && alive && role === 'voter' && url !== undefined,
  );
  if (other?.url === undefined)
    throw new Problem(`no other member that votes is alive; \`troupe down --purge\` removes a cluster`);
  const [first] = plannedMembers(home);
  if (onOneMachine(home)) await moveNode(shell, flags, which);
  parsed(
    await askApi(home, other.url, '/troupe/api/members', {
      method: 'POST',
      body: { member: which, removed: true },
      timeoutMs: removalMs,
    }),
  );
  if (!onOneMachine(home))
    return `${which} is no member any more; its files are left: on its machine \`troupe down --purge\` removes them`;
  forgetMember(home, which);
  await endProcess(home, which);
  const said = `${which} is no member any more; its files are left: ${storeFolderOf(home, which).folder} can be deleted`;
  const [now] = plannedMembers(home);
  return first?.name === which && now !== undefined
    ? `${said}\n${home.kubeconfig} names ${now.name} now: clients that were told port ${first.apiPort} need port ${now.apiPort}`
    : said;
}

/**
 * A node that runs within a member that goes moves to another member of this machine while all are there to stand in
 * for each other.
 */
async function moveNode(shell: Shell, flags: HomeFlags, from: string): Promise<void> {
  const home = shell.homeOf(flags);
  const heir = plannedMembers(home).find(({ name }) => name !== from)?.name;
  const note = noteOf(home, from);
  if (note?.node === undefined || heir === undefined || !lives(note)) return;
  shell.say(`the node ${note.node} moves from ${from} to ${heir}`);
  await restart(shell, flags, from, { withNode: false });
  await restart(shell, flags, heir, { withNode: true });
}

function noteOf(home: Home, member: string): ProcessNote | undefined {
  return readNotes(home).find(({ role, name }) => role === 'member' && name === member);
}

/** Draining, and handing over what it leads, take their time. */
const removalMs = 60_000;

const onOneMachine = (home: Home): boolean => plannedMembers(home).every(({ host }) => host === undefined);

async function ask(shell: Shell, flags: HomeFlags, body?: object): Promise<{ readonly members: readonly Member[] }> {
  const home = shell.homeOf(flags);
  return parsed(
    await askApi(home, await shell.servingUrl(home), '/troupe/api/members', {
      method: body === undefined ? 'GET' : 'POST',
      body,
    }),
  );
}

function parsed({ status, body }: ApiAnswer): { readonly members: readonly Member[] } {
  const answer = JSON.parse(body) as { readonly members: readonly Member[]; readonly message?: string };
  if (status !== 200) throw new Problem(answer.message ?? `the API answered ${status}`);
  return answer;
}

function tableOf(members: readonly Member[]): string {
  const table = new Table({
    head: ['member', 'part', 'state', 'shards', 'address', 'version'],
    style: { head: [], border: [] },
  });
  for (const { name, role, leader, alive, drained, shards, url = '', version = '' } of members)
    table.push([
      name,
      leader ? 'leader' : role,
      alive ? (drained ? 'drained' : 'works') : 'silent',
      shards.length,
      url,
      version,
    ]);
  return table.toString();
}
