import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import Table from 'cli-table3';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import pc from 'picocolors';
import { errorMessage } from '../base/index.ts';
import {
  AdministrationError,
  defaultsFile,
  doNotRestart,
  type Home,
  homeAt,
  loadSettings,
  plannedMembers,
  joinedNode,
  ownMember,
  runMember,
  runNode,
  type RuntimeName,
  runtimeNames,
  savedSettings,
  type Settings,
  SettingsError,
  StartProblem,
  StoreError,
  version,
} from '../main/index.ts';
import { addActors } from './actor-command.ts';
import { getApi, getJson } from './api-call.ts';
import { clusterStatus, type ClusterStatus } from './cluster-status.ts';
import { examine, findProgram } from './doctor.ts';
import { addEncryption } from './encryption-command.ts';
import { down } from './down.ts';
import { showLogs } from './log-view.ts';
import { addKeys } from './key-command.ts';
import { addMachines } from './machines.ts';
import { startJoinedNode } from './node-start.ts';
import { Problem } from './problem.ts';
import { addMember } from './member-command.ts';
import type { HomeFlags, Shell } from './shell.ts';
import { addService } from './service-command.ts';
import { addStore } from './store-command.ts';
import { type TreeNode, treeText } from './tree-text.ts';
import { prepare, up } from './up.ts';

interface UpFlags extends HomeFlags {
  readonly apiPort?: number;
  readonly members?: number;
  readonly nodes?: number;
  readonly runtime?: RuntimeName;
  readonly foreground?: boolean;
}

const out = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

function homeOf(flags: HomeFlags): Home {
  const folder = flags.home ?? process.env['TROUPE_HOME'] ?? join(homedir(), '.troupe', flags.cluster ?? 'local');
  return homeAt(resolve(folder));
}

/** The settings that the home's cluster was last started with; before that, those that it would be started with. */
function settingsOf(home: Home): Settings {
  return savedSettings(home) ?? loadSettings(defaultsFile(), home.configFile);
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number is wanted.');
  return Number(text);
}

/** Runs one command line; the answer is the exit code: 0, 1 for a problem, 2 for a wrong command line. */
export async function run(args: readonly string[]): Promise<number> {
  const program = buildProgram();
  try {
    await program.parseAsync([...args], { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof Problem) return fail(error.message, error.exitCode);
    if (error instanceof AdministrationError && error.code === 'name-taken') return fail(error.message, doNotRestart);
    if (error instanceof AdministrationError || error instanceof StoreError)
      return fail(`${error.message} (${error.code})`, 1);
    if (error instanceof SettingsError || error instanceof StartProblem) return fail(error.message, doNotRestart);
    if (error instanceof Error && 'code' in error && error.code === 'EACCES')
      return fail(`${error.message}; the cluster's files belong to another user, run this with sudo`, 1);
    say(error instanceof Error && error.stack !== undefined ? error.stack : errorMessage(error));
    return 1;
  }
}

function fail(message: string, exitCode: number): number {
  say(`${pc.red('troupe:')} ${message}`);
  return exitCode;
}

function buildProgram(): Command {
  const program = new Command('troupe')
    .description('Runs containers as Kubernetes does, with every resource a supervised actor.')
    .version(version())
    .exitOverride()
    .showHelpAfterError('(add --help for the options and examples)')
    .enablePositionalOptions();
  addUp(program);
  addDown(program);
  addStatus(program);
  addTree(program);
  addDoctor(program);
  addKubectl(program);
  addLogs(program);
  const shell: Shell = { command, homeOf, settingsOf, servingUrl, whole, out, say };
  for (const add of [addActors, addStore, addMember, addMachines, addService, addEncryption, addKeys])
    add(program, shell);
  addProcesses(program);
  return program;
}

function command(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('--home <folder>', "the cluster's files (default: $TROUPE_HOME, else ~/.troupe/<cluster>)")
    .option('--cluster <name>', "the cluster's name");
}

function addUp(program: Command): void {
  command(
    program,
    'up',
    "Starts this machine's part of a cluster, a new one where the home has none; returns when it serves.",
  )
    .option('--api-port <port>', 'port of the API', whole)
    .option(
      '--members <count>',
      'processes of the control plane: 1, 3 or 5 (default: as many as the home has, or 1)',
      whole,
    )
    .option(
      '--nodes <count>',
      'separate node processes; without it the member runs one node itself, 0 is a control plane only',
      whole,
    )
    .addOption(new Option('--runtime <runtime>', 'what runs containers').choices(runtimeNames))
    .option('--foreground', 'stay in the foreground and log to standard error (for systemd)')
    .addHelpText(
      'after',
      '\nExamples:\n  troupe up\n  troupe up --cluster test --api-port 7443 --nodes 2\n  troupe up --foreground --home /var/lib/troupe',
    )
    .action(async (flags: UpFlags) => {
      const home = homeOf(flags);
      const settings = loadSettings(defaultsFile(), home.configFile, {
        cluster: flags.cluster,
        apiPort: flags.apiPort,
        ...(flags.runtime === undefined ? {} : { node: { runtime: flags.runtime } }),
      });
      const node = joinedNode(home);
      if (node !== undefined) {
        if (flags.members !== undefined || flags.nodes !== undefined)
          throw new Problem(
            `${home.folder} is node ${node} of a cluster elsewhere: it has neither members nor other nodes; leave --members and --nodes away, or choose another --home`,
          );
        if (flags.foreground === true) return await runNode({ home, settings, name: node, foreground: true });
        await startJoinedNode(home, node);
        out(`Node ${node} serves.`);
        return;
      }
      if (flags.foreground === true) {
        await foreground(home, settings, flags);
        return;
      }
      const member = await up({ home, settings, members: flags.members, nodes: flags.nodes, say });
      out(
        `The API is ready at ${member.url ?? ''}\nkubeconfig: ${home.kubeconfig}\ndashboard:  ${member.url ?? ''}/troupe/`,
      );
    });
}

async function foreground(home: Home, settings: Settings, { members, nodes }: UpFlags): Promise<void> {
  if (members !== undefined && members !== 1)
    throw new Problem('--members starts processes in the background; leave --foreground away');
  if ((nodes ?? 0) > 0)
    throw new Problem(
      '--nodes starts processes in the background; with --foreground use --nodes 0, or none for a node inside the member',
    );
  if ((await prepare({ home, settings, members })) === 'recovering')
    throw new Problem(`a keeper is starting a cluster in ${home.folder} already; stop it first (\`troupe down\`)`);
  await runMember({ home, settings, withNode: nodes === undefined, foreground: true, name: ownMember(home) });
}

function addDown(program: Command): void {
  command(program, 'down', 'Stops the cluster of this home; its data stays.')
    .option('--purge', 'remove its data, containers, networks and rules too, and nothing else')
    .option('--keep-containers', "leave the pods' containers running; `troupe up` takes them over again")
    .addHelpText('after', '\nExamples:\n  troupe down\n  troupe down --purge')
    .action(async (flags: HomeFlags & { purge?: boolean; keepContainers?: boolean }) => {
      const home = homeOf(flags);
      await down({
        home,
        settings: settingsOf(home),
        purge: flags.purge === true,
        keepContainers: flags.keepContainers === true,
        say,
      });
      out(flags.purge === true ? 'Stopped; everything that belonged to the cluster is removed.' : 'Stopped.');
    });
}

function addStatus(program: Command): void {
  command(program, 'status', "Shows the cluster's processes. Exit code 1 when no member serves.")
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json']).default('table'))
    .addHelpText('after', '\nExamples:\n  troupe status\n  troupe status -o json | jq .members[0].pid')
    .action(async (flags: HomeFlags & { output: string }) => {
      const home = homeOf(flags);
      const status = await clusterStatus(home, settingsOf(home).cluster);
      out(flags.output === 'json' ? JSON.stringify(status) : statusTable(status));
      if (!status.members.some((member) => member.ready)) process.exitCode = 1;
    });
}

function statusTable(status: ClusterStatus): string {
  const table = new Table({ head: ['process', 'pid', 'state', 'address'], style: { head: [], border: [] } });
  for (const member of status.members)
    table.push([
      `member ${member.name}`,
      member.pid ?? '-',
      member.ready ? pc.green(member.role) : pc.red('down'),
      member.url,
    ]);
  for (const node of status.nodes)
    table.push([`node ${node.name}`, node.pid ?? '-', node.ready ? pc.green('ready') : pc.red('not ready'), '']);
  return `cluster ${status.cluster}\n${table.toString()}`;
}

/** A member of another machine that serves; its home's administrator is this one's. */
async function servingElsewhere(home: Home): Promise<{ readonly url: string } | undefined> {
  for (const { host, apiPort, elsewhere } of plannedMembers(home)) {
    const url = `https://${host ?? ''}:${apiPort}`;
    if (
      elsewhere === true &&
      (await getApi(home, url, '/readyz', 2_000).then(
        ({ status }) => status === 200,
        () => false,
      ))
    )
      return { url };
  }
  return undefined;
}

async function servingUrl(home: Home): Promise<string> {
  const status = await clusterStatus(home, '');
  const member = status.members.find((found) => found.ready) ?? (await servingElsewhere(home));
  if (member === undefined)
    throw new Problem(`no member of ${home.folder} is serving; start it with \`troupe up\` or look at \`troupe logs\``);
  return member.url;
}

function addTree(program: Command): void {
  command(program, 'tree', 'Prints the live supervision tree: every actor, its state, restarts and waiting messages.')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExamples:\n  troupe tree\n  troupe tree -o json')
    .action(async (flags: HomeFlags & { output: string }) => {
      const home = homeOf(flags);
      const tree = await getJson<TreeNode>(home, await servingUrl(home), '/troupe/api/tree?once=1');
      out(flags.output === 'json' ? JSON.stringify(tree) : treeText(tree));
    });
}

function addDoctor(program: Command): void {
  command(
    program,
    'doctor',
    'Says what this machine lacks, and the command that fixes it. Exit code 1 when something is missing.',
  ).action(async (flags: HomeFlags) => {
    const settings = settingsOf(homeOf(flags));
    const findings = await examine(settings);
    for (const { name, ok, detail, fix } of findings)
      out(`${ok ? pc.green('ok     ') : pc.red('missing')} ${name}: ${detail}${ok ? '' : `\n        fix: ${fix}`}`);
    if (findings.some((finding) => !finding.ok)) process.exitCode = 1;
  });
}

function addKubectl(program: Command): void {
  command(program, 'kubectl', 'Runs the stock kubectl against this cluster.')
    .argument('[arguments...]')
    .passThroughOptions()
    .allowUnknownOption()
    .addHelpText(
      'after',
      '\nExamples:\n  troupe kubectl get pods -A\n  troupe kubectl --home /var/lib/troupe -- get nodes -o wide',
    )
    .action((kubectlArguments: string[], flags: HomeFlags) => {
      const file = findProgram('kubectl');
      if (file === undefined) throw new Problem('kubectl is not installed; fix: apt-get install -y kubectl');
      const { status } = spawnSync(file, kubectlArguments, {
        stdio: 'inherit',
        env: { ...process.env, KUBECONFIG: homeOf(flags).kubeconfig },
      });
      process.exitCode = status ?? 1;
    });
}

function addLogs(program: Command): void {
  command(program, 'logs', "Shows the logs of the cluster's own processes (of pods: troupe kubectl logs).")
    .option('-f, --follow', 'go on as lines come')
    .option('-n, --lines <count>', 'how many of the newest lines', whole, 50)
    .option('--raw', 'the JSON lines as they are')
    .option('--actor <pattern>', 'only lines of actors at this address and below it; * is one part, ** any number')
    .option('--trace <id>', 'only lines of one request, by its trace id or Audit-ID')
    .addHelpText(
      'after',
      "\nExamples:\n  troupe logs -f\n  troupe logs -n 500 --raw\n  troupe logs --actor 'deployment-controller/*/default/web' -f",
    )
    .action(
      async (flags: HomeFlags & { follow?: boolean; lines: number; raw?: boolean; actor?: string; trace?: string }) => {
        await showLogs(homeOf(flags), {
          follow: flags.follow === true,
          lines: flags.lines,
          raw: flags.raw === true,
          actor: flags.actor,
          trace: flags.trace,
          write: out,
        });
      },
    );
}

/** What keepers start; not meant for people. */
function addProcesses(program: Command): void {
  program
    .command('run-member', { hidden: true })
    .requiredOption('--home <folder>')
    .option('--name <name>')
    .option('--no-node')
    .action(async (flags: { home: string; name?: string; node: boolean }) => {
      const home = homeAt(flags.home);
      await runMember({
        home,
        settings: settingsOf(home),
        withNode: flags.node,
        foreground: false,
        ...(flags.name === undefined ? {} : { name: flags.name }),
      });
    });
}
