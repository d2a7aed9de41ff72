/** `troupe up`: starts this machine's part of a cluster, in the background or in the foreground. */
import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import {
  defaultsFile,
  type Home,
  joinedNode,
  loadSettings,
  saveSettings,
  withClusterId,
  ownMember,
  runMember,
  runNode,
  type RuntimeName,
  runtimeNames,
  type Settings,
} from '../main/index.ts';
import { hardenedOption, keepHardened } from './hardened-profile.ts';
import { startJoinedNode } from './node-start.ts';
import { Problem } from './problem.ts';
import { examples, type HomeFlags, nodesOption, type Shell } from './shell.ts';
import { doorsMax, prepare, up } from './up.ts';

interface UpFlags extends HomeFlags {
  readonly apiPort?: number;
  readonly members?: number;
  readonly doors?: number;
  readonly nodes?: number;
  readonly hollowNodes?: number;
  readonly runtime?: RuntimeName;
  readonly foreground?: boolean;
  readonly hardened?: boolean;
}

export function addUp(program: Command, shell: Shell): void {
  const { whole } = shell;
  shell
    .command(
      program,
      'up',
      "Starts this machine's part of a cluster, a new one if the home has none; returns when it is ready.",
    )
    .option('--api-port <port>', 'port of the API', whole)
    .option('--members <count>', 'processes of the control plane: 1, 3 or 5 (default: as many as before, or 1)', whole)
    .option(
      '--doors <count>',
      'processes that answer at the port of the API, each on a core of its own; auto: one a core ' +
        '(default: as many as before, or 1)',
      (text) => (text === 'auto' ? Math.min(availableParallelism(), doorsMax) : whole(text)),
    )
    .option(nodesOption.flag, nodesOption.description, whole)
    .option(
      '--hollow-nodes <count>',
      'nodes hollow-1 and on, whose containers are records in memory: to size a control plane, not to run programs',
      whole,
    )
    .addOption(new Option('--runtime <runtime>', 'what runs containers').choices(runtimeNames))
    .option(hardenedOption.flag, hardenedOption.description)
    .option('--foreground', 'stay in the foreground and log to standard error (for systemd)')
    .addHelpText(
      'after',
      examples(
        'troupe up',
        'troupe up --cluster test --api-port 7443 --nodes 2',
        'troupe up --doors auto',
        'troupe up --nodes 0 --hollow-nodes 100',
        'troupe up --foreground --home /var/lib/troupe',
      ),
    )
    .action((flags: UpFlags) => start(shell, flags));
}

async function start(shell: Shell, flags: UpFlags): Promise<void> {
  const { cluster, apiPort, members, doors, nodes, hollowNodes: hollow, runtime } = flags;
  const home = shell.homeOf(flags);
  if (flags.hardened === true) keepHardened(home);
  const flagged = { cluster, apiPort, node: { runtime } };
  const settings = withClusterId(home, loadSettings(defaultsFile(), home.configFile, flagged));
  const node = joinedNode(home);
  if (node !== undefined) {
    await startNode(shell, { home, settings, node }, flags);
  } else if (flags.foreground === true) {
    await runInForeground(home, settings, flags);
  } else {
    const { url = '' } = await up({ home, settings, members, doors, nodes, hollow, say: shell.say });
    shell.out(`The API is ready at ${url}\nkubeconfig: ${home.kubeconfig}\ndashboard:  ${url}/troupe/`);
  }
}

interface JoinedNode {
  readonly home: Home;
  readonly settings: Settings;
  readonly node: string;
}

async function startNode(shell: Shell, { home, settings, node }: JoinedNode, flags: UpFlags): Promise<void> {
  if ([flags.members, flags.nodes, flags.doors, flags.hollowNodes].some((count) => count !== undefined))
    throw new Problem(
      `${home.folder} is node ${node} of a cluster on other machines and has neither members nor other nodes; ` +
        'omit --members, --doors, --nodes and --hollow-nodes, or choose another --home',
    );
  if (flags.foreground === true) {
    await runNode({ home, settings, name: node, foreground: true });
    return;
  }
  // The agent reads them there: what the home's file says now is in force.
  saveSettings(home, settings);
  await startJoinedNode(home, node);
  shell.out(`Node ${node} is running.`);
}

async function runInForeground(home: Home, settings: Settings, flags: UpFlags): Promise<void> {
  const { members, doors, nodes, hollowNodes } = flags;
  if ((members !== undefined && members !== 1) || (doors !== undefined && doors !== 1))
    throw new Problem('--members and --doors start processes in the background; omit --foreground');
  if ((hollowNodes ?? 0) > 0) throw new Problem('--hollow-nodes starts a process in the background; omit --foreground');
  if ((nodes ?? 0) > 0)
    throw new Problem(
      '--nodes starts processes in the background; ' +
        'with --foreground use --nodes 0, or omit --nodes for a node inside the member',
    );
  if ((await prepare({ home, settings, members, doors })) === 'recovering')
    throw new Problem(`a keeper is already starting the cluster in ${home.folder}; stop it first (\`troupe down\`)`);
  await runMember({ home, settings, withNode: nodes === undefined, foreground: true, name: ownMember(home) });
}
