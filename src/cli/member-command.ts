/** `troupe member`: the members of the control plane, and their work. */
import Table from 'cli-table3';
import { type Command, Option } from 'commander';
import {
  forgetMember,
  type Home,
  lives,
  plannedMembers,
  type ProcessNote,
  readNotes,
  removeNote,
  storeFolderOf,
} from '../main/index.ts';
import { type ApiAnswer, askApi } from './api-call.ts';
import { endProcess } from './down.ts';
import { startKeptMember } from './keeper.ts';
import { Problem } from './problem.ts';
import { examples, type HomeFlags, type Shell } from './shell.ts';
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

export function addMember(program: Command, shell: Shell): void {
  const member = program.command('member').description('Manages the members of the control plane.');
  shell
    .command(member, 'list', 'Lists the members with their role in the store and the number of shards they own.')
    .addOption(new Option('-o, --output <format>', 'output format').choices(['table', 'json']).default('table'))
    .action(async (flags: HomeFlags & { output: string }) => {
      const { members } = await ask(shell, flags);
      shell.out(flags.output === 'json' ? JSON.stringify(members) : tableOf(members));
    });
  for (const [name, drained, description] of [
    ['drain', true, "Moves a member's work to the others, before a stop or an upgrade; it keeps serving."],
    ['undrain', false, 'Lets a drained member own shards again.'],
  ] as const) {
    shell
      .command(member, name, description)
      .argument('<member>')
      .addHelpText('after', examples(`troupe member ${name} member-2`))
      .action(async (which: string, flags: HomeFlags) => {
        shell.out(tableOf((await ask(shell, flags, { member: which, drained })).members));
      });
  }
  shell
    .command(
      member,
      'restart',
      'Drains, stops and starts a member of this machine: for upgrades, one member after the other.',
    )
    .argument('<member>')
    .addHelpText('after', examples('troupe member restart member-2'))
    .action(async (which: string, flags: HomeFlags) => {
      await restart(shell, flags, which);
      shell.out(`${which} is ready again`);
    });
  shell
    .command(member, 'remove', 'Removes a member for good: its shards, its vote and its process.')
    .argument('<member>')
    .action(async (which: string, flags: HomeFlags) => {
      shell.out(await remove(shell, flags, which));
    });
}

/** Every other voter must be alive, so that a majority is left meanwhile. A member that was drained stays drained. */
async function restart(
  shell: Shell,
  flags: HomeFlags,
  which: string,
  { withNode }: { readonly withNode?: boolean } = {},
): Promise<void> {
  const home = shell.homeOf(flags);
  const note = noteOf(home, which);
  if (note === undefined)
    throw new Problem(`${which} does not run from ${home.folder}; \`troupe status\` shows which members do`);
  const { members } = await ask(shell, flags);
  const silent = members
    .filter(({ name, role, alive }) => name !== which && role === 'voter' && !alive)
    .map(({ name }) => name);
  if (silent.length > 0)
    throw new Problem(`cannot stop ${which} while ${silent.join(', ')} is silent: no majority would be left`);
  const drained = members.find(({ name }) => name === which)?.drained ?? false;
  if (!drained && members.length > 1) await ask(shell, flags, { member: which, drained: true });
  await endProcess(home, which);
  startKeptMember(home, which, { withNode: withNode ?? note.node !== undefined });
  await untilServing(home, which);
  if (!drained && members.length > 1) await ask(shell, flags, { member: which, drained: false });
}

/** Asks another member than the one that leaves, wherever that runs. Answers the text to print. */
async function remove(shell: Shell, flags: HomeFlags, which: string): Promise<string> {
  const home = shell.homeOf(flags);
  const { members } = await ask(shell, flags);
  if (!members.some(({ name }) => name === which))
    throw new Problem(`there is no member ${which}; \`troupe member list\` shows them`);
  const other = members.find(
    ({ name, alive, role, url }) => name !== which && alive && role === 'voter' && url !== undefined,
  );
  if (other?.url === undefined)
    throw new Problem('no other voter is alive; `troupe down --purge` removes a whole cluster');
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
    return `Removed ${which}. Its files are left; \`troupe down --purge\` on its machine removes them.`;
  forgetMember(home, which);
  await endProcess(home, which, endsByItselfMs);
  removeNote(home, { role: 'member', name: which });
  const removed = `Removed ${which}. Its files are left; you can delete ${storeFolderOf(home, which).folder}.`;
  const [now] = plannedMembers(home);
  return first?.name === which && now !== undefined
    ? `${removed}\n${home.kubeconfig} names ${now.name} now: ` +
        `clients of port ${first.apiPort} must use port ${now.apiPort}.`
    : removed;
}

/** A node inside the leaving member moves to another member of this machine first, while all members are there. */
async function moveNode(shell: Shell, flags: HomeFlags, from: string): Promise<void> {
  const home = shell.homeOf(flags);
  const heir = plannedMembers(home).find(({ name }) => name !== from)?.name;
  const note = noteOf(home, from);
  if (note?.node === undefined || heir === undefined || !lives(note)) return;
  shell.say(`moving node ${note.node} from ${from} to ${heir}`);
  await restart(shell, flags, from, { withNode: false });
  await restart(shell, flags, heir, { withNode: true });
}

function noteOf(home: Home, member: string): ProcessNote | undefined {
  return readNotes(home).find(({ role, name }) => role === 'member' && name === member);
}

/** Draining and handing over the leadership take their time. */
const removalMs = 60_000;

/** A removed member asks the leader whether it was, and ends. */
const endsByItselfMs = 10_000;

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
    head: ['member', 'role', 'state', 'shards', 'address', 'version'],
    style: { head: [], border: [] },
  });
  for (const { name, role, leader, alive, drained, shards, url = '', version = '' } of members)
    table.push([
      name,
      leader ? 'leader' : role,
      alive ? (drained ? 'drained' : 'active') : 'silent',
      shards.length,
      url,
      version,
    ]);
  return table.toString();
}
