/** `troupe status` and `troupe tree`: the cluster's processes, and the actors in them. */
import Table from 'cli-table3';
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import { getJson } from './api-call.ts';
import { clusterStatus, type ClusterStatus } from './cluster-status.ts';
import { examples, type HomeFlags, type Shell } from './shell.ts';
import { type TreeNode, treeText } from './tree-text.ts';

interface OutputFlags extends HomeFlags {
  readonly output: string;
}

export function addStatus(program: Command, shell: Shell): void {
  shell
    .command(program, 'status', "Shows the cluster's processes. Exits 1 when no member is ready.")
    .addOption(new Option('-o, --output <format>', 'output format').choices(['table', 'json']).default('table'))
    .addHelpText('after', examples('troupe status', 'troupe status -o json | jq .members[0].pid'))
    .action(async (flags: OutputFlags) => {
      const home = shell.homeOf(flags);
      const status = await clusterStatus(home, shell.settingsOf(home).cluster);
      shell.out(flags.output === 'json' ? JSON.stringify(status) : statusTable(status));
      if (!status.members.some((member) => member.ready)) process.exitCode = 1;
    });
}

function statusTable({ cluster, members, nodes }: ClusterStatus): string {
  const table = new Table({ head: ['process', 'pid', 'state', 'address'], style: { head: [], border: [] } });
  for (const { name, pid, ready, role, url } of members)
    table.push([`member ${name}`, pid ?? '-', ready ? pc.green(role) : pc.red('down'), url]);
  for (const { name, pid, ready } of nodes)
    table.push([`node ${name}`, pid ?? '-', ready ? pc.green('ready') : pc.red('not ready'), '']);
  return `cluster ${cluster}\n${table.toString()}`;
}

export function addTree(program: Command, shell: Shell): void {
  shell
    .command(program, 'tree', 'Prints the supervision tree: each actor with its state, restarts and waiting messages.')
    .addOption(new Option('-o, --output <format>', 'output format').choices(['text', 'json']).default('text'))
    .addHelpText('after', examples('troupe tree', 'troupe tree -o json'))
    .action(async (flags: OutputFlags) => {
      const home = shell.homeOf(flags);
      const tree = await getJson<TreeNode>(home, await shell.servingUrl(home), '/troupe/api/tree?once=1');
      shell.out(flags.output === 'json' ? JSON.stringify(tree) : treeText(tree));
    });
}
