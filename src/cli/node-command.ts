/** `troupe node`: removes nodes, ends this machine's pods; without a subcommand it is a node's process. */
import { spawnSync } from 'node:child_process';
import { type Command, Option } from 'commander';
import { type Home, removedNodes, runNode, shutDownNodes } from '../main/index.ts';
import { askApi, failedCall } from './api-call.ts';
import { Problem } from './problem.ts';
import type { HomeFlags, Shell } from './shell.ts';

export function addNode(program: Command, shell: Shell): void {
  const node = program
    .command('node')
    .description('Manages the machines that run pods.')
    .usage('<command>')
    .addOption(new Option('--home <folder>').hideHelp())
    .addOption(new Option('--name <name>').hideHelp())
    .action(async ({ home: folder, name }: { home?: string; name?: string }) => {
      if (folder === undefined || name === undefined)
        throw new Problem('missing command; try `troupe node remove NAME`');
      const home = shell.homeOf({ home: folder });
      await runNode({ home, settings: shell.settingsOf(home), name });
    });
  addShutdown(node, shell);
  shell
    .command(node, 'remove', 'Removes a node from the cluster; its credentials are refused from now on.')
    .argument('<name>')
    .addHelpText(
      'after',
      '\nExample:\n' +
        '  kubectl drain worker-2 --ignore-daemonsets && troupe node remove worker-2\n' +
        'Then, on that machine: troupe down --purge',
    )
    .action(async (name: string, flags: HomeFlags) => {
      const home = shell.homeOf(flags);
      await removeNode(home, await shell.servingUrl(home), name);
      shell.out(`Removed node ${name}. To stop its agent and pods, run \`troupe down --purge\` on that machine.`);
    });
}

interface ShutdownFlags extends HomeFlags {
  readonly ifMachineStops?: boolean;
}

function addShutdown(node: Command, shell: Shell): void {
  shell
    .command(node, 'shutdown', 'Ends the pods of this machine before it goes down: its node is not ready any more.')
    .addOption(new Option('--if-machine-stops', 'only while systemd stops the machine').hideHelp())
    .addHelpText(
      'after',
      '\nThe least important pods go first; node.shutdownGracePeriod and its kin say how long each may take.\n' +
        'The unit of `troupe service` does this by itself. The node takes pods again when its process has been\n' +
        'restarted.',
    )
    .action(async (flags: ShutdownFlags) => {
      if (flags.ifMachineStops === true && !machineStops()) return;
      const home = shell.homeOf(flags);
      const settings = shell.settingsOf(home);
      const ended = await shutDownNodes(home, settings);
      if (ended.length === 0) throw new Problem('no node of this cluster runs on this machine');
      for (const { node: name, outcome } of ended)
        if (outcome === undefined) throw new Problem(`node ${name} did not end its pods in time; see \`troupe logs\``);
        else shell.out(`Node ${name}: ${outcome.ended} pods ended, ${outcome.left} still run.`);
    });
}

/** Whether systemd is on its way to halt, power off or reboot. */
function machineStops(): boolean {
  return spawnSync('systemctl', ['is-system-running'], { encoding: 'utf8' }).stdout?.trim() === 'stopping';
}

async function removeNode(home: Home, url: string, name: string): Promise<void> {
  const path = `/api/v1/nodes/${encodeURIComponent(name)}`;
  if ((await askApi(home, url, path)).status === 404)
    throw new Problem(`there is no node ${name}; \`kubectl get nodes\` shows them`);
  const { namespace } = removedNodes;
  const maps = `/api/v1/namespaces/${namespace}/configmaps`;
  const data = { [name]: new Date().toISOString() };
  // Its credentials go first, so that its agent cannot register it again.
  const patched = await askApi(home, url, `${maps}/${removedNodes.name}`, { method: 'PATCH', body: { data } });
  const noted =
    patched.status === 404
      ? await askApi(home, url, maps, {
          method: 'POST',
          body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: removedNodes, data },
        })
      : patched;
  const deleted = noted.status < 300 ? await askApi(home, url, path, { method: 'DELETE' }) : noted;
  if (deleted.status !== 200 && deleted.status !== 404) throw failedCall(`cannot remove node ${name}`, deleted);
}
