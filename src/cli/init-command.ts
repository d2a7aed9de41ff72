/** `troupe init`: starts the first member of a cluster that spans machines. */
import type { Command } from 'commander';
import { defaultsFile, keepSettings, loadSettings, makeHome, withClusterId } from '../main/index.ts';
import { hardenedOption, keepHardened } from './hardened-profile.ts';
import { examples, type HomeFlags, nodesOption, type Shell } from './shell.ts';
import { up } from './up.ts';

interface InitFlags extends HomeFlags {
  readonly hardened?: boolean;
  readonly address: string;
  readonly apiPort?: number;
  readonly nodes?: number;
}

export function addInit(program: Command, shell: Shell): void {
  const { whole, out } = shell;
  shell
    .command(program, 'init', 'Starts the first member of a cluster that other machines can join.')
    .requiredOption('--address <address>', 'address other machines use to reach this one')
    .option('--api-port <port>', 'port of the API', whole)
    .option(hardenedOption.flag, hardenedOption.description)
    .option(nodesOption.flag, nodesOption.description, whole)
    .addHelpText('after', examples('troupe init --address 192.0.2.10', 'troupe init --address 192.0.2.10 --nodes 0'))
    .action(async (flags: InitFlags) => {
      const { kubeconfig, url } = await init(shell, flags);
      out(
        `The API is ready at ${url}\n` +
          `kubeconfig: ${kubeconfig}\n` +
          'To add machines, run `troupe token create` here and its output there.',
      );
    });
}

async function init(shell: Shell, flags: InitFlags): Promise<{ readonly kubeconfig: string; readonly url: string }> {
  const { address, cluster, apiPort, nodes } = flags;
  const home = shell.homeOf(flags);
  if (flags.hardened === true) keepHardened(home);
  const settings = withClusterId(home, loadSettings(defaultsFile(), home.configFile, { cluster, apiPort, address }));
  makeHome(home);
  // So that `troupe up` starts the same cluster again.
  keepSettings(home, { address, cluster, apiPort });
  const { url = '' } = await up({ home, settings, members: 1, nodes, say: shell.say });
  return { kubeconfig: home.kubeconfig, url };
}
