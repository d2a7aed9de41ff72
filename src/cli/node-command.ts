/** `troupe node`: removes nodes; without a subcommand it is what a keeper starts, a node's process. */
import { type Command, Option } from 'commander';
import { type Home, removedNodes, runNode } from '../main/index.ts';
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
