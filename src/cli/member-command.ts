import Table from 'cli-table3';
import { type Command, Option } from 'commander';
import { firstMember, forgetMember, type Home } from '../main/index.ts';
import { askApi } from './api-call.ts';
import { endProcess } from './down.ts';
import { Problem } from './problem.ts';
import type { HomeFlags, Shell } from './shell.ts';
import { askStore } from './store-call.ts';

interface Member {
  readonly name: string;
  readonly role: string;
  readonly leader: boolean;
  readonly alive: boolean;
  readonly drained: boolean;
  readonly shards: readonly unknown[];
}

/** `troupe member`: who belongs to the control plane, and who of them works. */
export function addMember(program: Command, shell: Shell): void {
  const member = program.command('member').description('Looks after the members: who works, who is to rest, who leaves.');
  shell.command(member, 'list', 'Each member with its part in the store and how many shards of the work it owns.')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json']).default('table'))
    .action(async (flags: HomeFlags & { output: string }) => {
      const { members } = await ask(shell, flags);
      shell.out(flags.output === 'json' ? JSON.stringify(members) : tableOf(members));
    });
  for (const [name, drained, description] of [
    ['drain', true, 'Moves a member\'s work to the others, before it is stopped or upgraded; it serves on.'],
    ['undrain', false, 'Lets a drained member work again.'],
  ] as const) {
    shell.command(member, name, description).argument('<member>')
      .addHelpText('after', `\nExamples:\n  troupe member ${name} member-2`)
      .action(async (which: string, flags: HomeFlags) => { shell.out(tableOf((await ask(shell, flags, { member: which, drained })).members)); });
  }
  shell.command(member, 'remove', 'Takes a member out of the cluster for good: its work, its vote, and its process if that runs on this machine.').argument('<member>')
    .action(async (which: string, flags: HomeFlags) => {
      await remove(shell, flags, which);
      shell.out(`${which} is no member any more; its files are left in the home`);
    });
}

async function remove(shell: Shell, flags: HomeFlags, which: string): Promise<void> {
  if (which === firstMember) throw new Problem(`${firstMember} has the address that clients are told and stays; \`troupe member drain ${firstMember}\` moves its work away`);
  const { members } = await ask(shell, flags, { member: which, drained: true });
  const door = { home: shell.homeOf(flags), url: await shell.servingUrl(shell.homeOf(flags)) };
  const heir = members.find(({ name, alive, role }) => name !== which && alive && role === 'voter');
  if (heir === undefined) throw new Problem(`${which} is the last member that votes; \`troupe down --purge\` removes a cluster`);
  if (members.some(({ name, leader }) => name === which && leader)) await askStore(door, 'members', { change: 'transfer', member: heir.name });
  await askStore(door, 'members', { change: 'remove', member: which });
  forgetMember(door.home, which);
  await endProcess(door.home, which);
}

async function ask(shell: Shell, flags: HomeFlags, body?: object): Promise<{ readonly members: readonly Member[] }> {
  const home: Home = shell.homeOf(flags);
  const answer = await askApi(home, await shell.servingUrl(home), '/troupe/api/members', { method: body === undefined ? 'GET' : 'POST', body });
  const parsed = JSON.parse(answer.body) as { readonly members: readonly Member[]; readonly message?: string };
  if (answer.status !== 200) throw new Problem(parsed.message ?? `the API answered ${answer.status}`);
  return parsed;
}

function tableOf(members: readonly Member[]): string {
  const table = new Table({ head: ['member', 'part', 'state', 'shards'], style: { head: [], border: [] } });
  for (const { name, role, leader, alive, drained, shards } of members) table.push([name, leader ? 'leader' : role, alive ? (drained ? 'drained' : 'works') : 'silent', shards.length]);
  return table.toString();
}
