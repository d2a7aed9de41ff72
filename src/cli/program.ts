/** The `troupe` command: its groups of commands, and what a failure becomes. */
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
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
  runHollowNodes,
  runMember,
  savedSettings,
  type Settings,
  SettingsError,
  StartProblem,
  StoreError,
  version,
} from '../main/index.ts';
import { addActors } from './actor-command.ts';
import { answersReady } from './api-call.ts';
import { addChaos } from './chaos-command.ts';
import { clusterStatus } from './cluster-status.ts';
import { examine, findProgram } from './doctor.ts';
import { down } from './down.ts';
import { addEncryption } from './encryption-command.ts';
import { addHardening } from './hardening/index.ts';
import { addInit } from './init-command.ts';
import { addJoin } from './join-command.ts';
import { addKeys } from './key-command.ts';
import { showLogs } from './log-view.ts';
import { addMember } from './member-command.ts';
import { addNode } from './node-command.ts';
import { Problem } from './problem.ts';
import { addService } from './service-command.ts';
import { examples, type HomeFlags, type Shell } from './shell.ts';
import { addStatus, addTree } from './status-command.ts';
import { addStore } from './store-command.ts';
import { addToken } from './token-command.ts';
import { addUp } from './up-command.ts';

const out = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Runs one command line. Answers the exit code: 0, 1 for a problem, 2 for a wrong command line. */
export async function run(args: readonly string[]): Promise<number> {
  const program = buildProgram();
  try {
    await program.parseAsync([...args], { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    return exitCodeOf(error);
  }
}

/** Says what went wrong. */
function exitCodeOf(error: unknown): number {
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
  const shell: Shell = { command, homeOf, settingsOf, servingUrl, whole, out, say };
  for (const add of [
    addUp,
    addDown,
    addStatus,
    addTree,
    addDoctor,
    addKubectl,
    addLogs,
    addActors,
    addStore,
    addMember,
    addInit,
    addJoin,
    addToken,
    addNode,
    addService,
    addEncryption,
    addHardening,
    addKeys,
    addChaos,
  ])
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

function homeOf(flags: HomeFlags): Home {
  const folder = flags.home ?? process.env['TROUPE_HOME'] ?? join(homedir(), '.troupe', flags.cluster ?? 'local');
  return homeAt(resolve(folder));
}

/** The settings that the home's cluster was last started with; before that, those that it would be started with. */
function settingsOf(home: Home): Settings {
  return savedSettings(home) ?? loadSettings(defaultsFile(), home.configFile);
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('expected an integer.');
  return Number(text);
}

async function servingUrl(home: Home): Promise<string> {
  const { members } = await clusterStatus(home, '');
  const url = members.find(({ ready }) => ready)?.url ?? (await servingElsewhere(home));
  if (url === undefined)
    throw new Problem(`no member of ${home.folder} is ready; start it with \`troupe up\` or see \`troupe logs\``);
  return url;
}

/** The URL of a ready member on another machine; its administrator is this home's too. */
async function servingElsewhere(home: Home): Promise<string | undefined> {
  for (const { host, apiPort, elsewhere } of plannedMembers(home)) {
    const url = `https://${host ?? ''}:${apiPort}`;
    if (elsewhere === true && (await answersReady(home, url))) return url;
  }
  return undefined;
}

interface DownFlags extends HomeFlags {
  readonly purge?: boolean;
  readonly keepContainers?: boolean;
}

function addDown(program: Command): void {
  command(program, 'down', 'Stops the cluster of this home; its data stays.')
    .option('--purge', "also remove the cluster's data, containers, networks and rules, and nothing else")
    .option('--keep-containers', "keep the pods' containers running; `troupe up` takes them over again")
    .addHelpText('after', examples('troupe down', 'troupe down --purge'))
    .action(async (flags: DownFlags) => {
      const home = homeOf(flags);
      const purge = flags.purge === true;
      await down({ home, settings: settingsOf(home), purge, keepContainers: flags.keepContainers === true, say });
      out(purge ? 'Stopped, and removed everything that belonged to the cluster.' : 'Stopped.');
    });
}

function addDoctor(program: Command): void {
  command(
    program,
    'doctor',
    'Checks what this machine needs and prints the command that fixes each gap. Exits 1 when something is missing.',
  ).action(async (flags: HomeFlags) => {
    const home = homeOf(flags);
    const findings = await examine(settingsOf(home), { folder: home.folder, advises: true });
    for (const { name, ok, detail, fix, isAdvice } of findings) {
      const mark = ok ? pc.green('ok     ') : isAdvice === true ? pc.yellow('advice ') : pc.red('missing');
      out(`${mark} ${name}: ${detail}${ok ? '' : `\n        fix: ${fix}`}`);
    }
    if (findings.some(({ ok, isAdvice }) => !ok && isAdvice !== true)) process.exitCode = 1;
  });
}

function addKubectl(program: Command): void {
  command(program, 'kubectl', 'Runs the stock kubectl against this cluster.')
    .argument('[arguments...]')
    .passThroughOptions()
    .allowUnknownOption()
    .addHelpText(
      'after',
      examples('troupe kubectl get pods -A', 'troupe kubectl --home /var/lib/troupe -- get nodes -o wide'),
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

interface LogFlags extends HomeFlags {
  readonly follow?: boolean;
  readonly lines: number;
  readonly raw?: boolean;
  readonly actor?: string;
  readonly trace?: string;
}

function addLogs(program: Command): void {
  command(program, 'logs', "Shows the logs of the cluster's processes (of pods: troupe kubectl logs).")
    .option('-f, --follow', 'keep printing new lines')
    .option('-n, --lines <count>', 'how many of the newest lines to print', whole, 50)
    .option('--raw', 'print the JSON lines unchanged')
    .option('--actor <pattern>', 'only actors at this address and below it; * is one part, ** any number')
    .option('--trace <id>', 'only one request, by its trace id or Audit-ID')
    .addHelpText(
      'after',
      examples(
        'troupe logs -f',
        'troupe logs -n 500 --raw',
        "troupe logs --actor 'deployment-controller/*/default/web' -f",
      ),
    )
    .action(async (flags: LogFlags) => {
      const { follow = false, lines, raw = false, actor, trace } = flags;
      await showLogs(homeOf(flags), { follow, lines, raw, actor, trace, write: out });
    });
}

/** What keepers start; not meant for people. */
function addProcesses(program: Command): void {
  program
    .command('run-hollow-nodes', { hidden: true })
    .requiredOption('--home <folder>')
    .requiredOption('--count <count>', '', Number)
    .action(async ({ home: folder, count }: { home: string; count: number }) => {
      const home = homeAt(folder);
      await runHollowNodes({ home, settings: settingsOf(home), count });
    });
  program
    .command('run-member', { hidden: true })
    .requiredOption('--home <folder>')
    .option('--name <name>')
    .option('--no-node')
    .action(async ({ home: folder, name, node }: { home: string; name?: string; node: boolean }) => {
      const home = homeAt(folder);
      await runMember({ home, settings: settingsOf(home), withNode: node, foreground: false, name });
    });
}
