/** `troupe chaos`: whether a cluster keeps its promises while things break. */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import { errorMessage } from '../base/index.ts';
import {
  clusterOfHome,
  clusterOfKubeconfig,
  durationMs,
  exitCodes,
  explain,
  lasting,
  loadScenario,
  ownCluster,
  type Report,
  reportPage,
  reportText,
  runScenario,
  type Scenario,
  ScenarioError,
  scenarioNames,
  swarmCluster,
  type Target,
  widePath,
  withLeft,
} from '../chaos/index.ts';
import { defaultsFile, systemClock, systemTimers } from '../main/index.ts';
import { comparisonOf } from './chaos-compare.ts';
import { chaosProgress } from './chaos-progress.ts';
import { Problem, wrongCommandLine } from './problem.ts';
import { examples, type Shell } from './shell.ts';

const folder = (): string => join(dirname(defaultsFile()), 'chaos');

/** What a run can make for itself. */
const made = ['troupe', 'swarm'] as const;
type Made = (typeof made)[number];

interface ScenarioFlags {
  readonly seed?: number;
  /** In ms. */
  readonly duration?: number;
}

interface RunFlags extends ScenarioFlags {
  readonly home?: string;
  readonly kubeconfig?: string;
  readonly target: Made;
  readonly iOwnThisCluster?: boolean;
  readonly image: string;
  readonly json?: string;
  readonly html?: string;
}

export function addChaos(program: Command, shell: Shell): void {
  const chaos = program
    .command('chaos')
    .description('Breaks a cluster on purpose and says whether it keeps its promises.');
  chaos
    .command('list')
    .description('Lists the scenarios that come along.')
    .action(() => {
      for (const name of scenarioNames(folder())) shell.out(`${name.padEnd(14)} ${named(name).summary}`);
    });
  chaos
    .command('explain')
    .description('Says what a scenario does, with the faults that a seed gives.')
    .argument('<scenario>', 'a name from `troupe chaos list`, or a file')
    .option('--seed <number>', "default: the scenario's own", shell.whole)
    .addOption(durationOption())
    .addHelpText('after', examples('troupe chaos explain smoke', 'troupe chaos explain soak --seed 7'))
    .action((name: string, { seed, duration }: ScenarioFlags) => {
      const scenario = named(name, duration);
      shell.out(explain(scenario, seed ?? scenario.seed));
    });
  addRun(chaos, shell);
  addReports(chaos, shell);
}

/** What is done with reports of earlier runs. */
function addReports(chaos: Command, shell: Shell): void {
  chaos
    .command('compare')
    .description('Compares two reports. Exits 1 if the second broke a promise that the first kept.')
    .argument('<one>', 'a file that `troupe chaos run --json` wrote')
    .argument('<two>', 'another one')
    .addHelpText('after', examples('troupe chaos compare before.json after.json'))
    .action((one: string, two: string) => {
      const { text, worse } = comparisonOf(one, two);
      shell.out(text);
      if (worse) process.exitCode = 1;
    });
}

function addRun(chaos: Command, shell: Shell): void {
  chaos
    .command('run')
    .description('Runs a scenario. Exits 0 if all was kept, 1 if not, 3 if the run cannot say, 4 for a sick cluster.')
    .argument('[scenario]', 'a name from `troupe chaos list`, or a file', 'smoke')
    .option('--seed <number>', "default: the scenario's own", shell.whole)
    .addOption(durationOption())
    .addOption(
      new Option('--target <orchestrator>', 'what the run makes for itself: a Troupe cluster, or a Docker Swarm')
        .choices(made)
        .default('troupe'),
    )
    .option('--home <folder>', 'break the cluster of this home; default: one of its own, which is removed in the end')
    .option('--kubeconfig <file>', 'break the cluster that this leads to, as far as its API permits')
    .option('--i-own-this-cluster', 'do not ask before breaking a cluster that the run did not make')
    .option('--image <reference>', 'an image with sh, sleep and httpd', 'docker.io/library/busybox:1.37')
    .option('--json <file>', 'write the report there')
    .option('--html <file>', 'write the report there as a page')
    .addHelpText(
      'after',
      examples(
        'troupe chaos run',
        'troupe chaos run members --seed 7 --json members.json',
        'troupe chaos run soak --duration 15m',
        'troupe chaos run any-cluster --kubeconfig ~/.kube/config',
        'troupe chaos run orchestrators --target swarm --json swarm.json',
      ),
    )
    .action(async (name: string, flags: RunFlags) => {
      const report = await run(shell, named(name, flags.duration), flags);
      shell.out(reportText(report));
      if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(report, undefined, 1)}\n`);
      if (flags.html !== undefined) writeFileSync(flags.html, reportPage(report));
      process.exitCode = exitCodes[report.verdict];
    });
}

function durationOption(): Option {
  return new Option('--duration <time>', "such as 15m; default: the scenario's own").argParser((text) => {
    const ms = durationMs(text);
    if (ms === undefined || ms === 0)
      throw new Problem(`--duration ${text}: expected a time such as 90s, 15m or 1h`, wrongCommandLine);
    return ms;
  });
}

/** The scenario; a Problem with exit code 2 for a name that is none, or a file with mistakes. */
function named(name: string, duration?: number): Scenario {
  try {
    const scenario = loadScenario(folder(), name);
    if (scenario !== undefined) return duration === undefined ? scenario : lasting(scenario, duration);
  } catch (error) {
    if (error instanceof ScenarioError) throw new Problem(error.message, wrongCommandLine);
    throw error;
  }
  throw new Problem(`there is no scenario ${name}; \`troupe chaos list\` shows those that there are`, wrongCommandLine);
}

async function run(shell: Shell, scenario: Scenario, flags: RunFlags): Promise<Report> {
  const stop = new AbortController();
  const interrupt = (): void => {
    if (stop.signal.aborted) return;
    shell.say('\nbreaking off; whatever is broken is mended first');
    stop.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const target = await targetOf(shell, scenario, flags).catch(undecided);
  let left: readonly string[] = [];
  let report: Report;
  try {
    const seed = flags.seed ?? scenario.seed;
    const listener = chaosProgress(scenario, shell.say);
    const ports = { clock: systemClock, timers: systemTimers };
    report = await runScenario({ scenario, seed, target, ...ports, signal: stop.signal, listener }).catch(undecided);
  } finally {
    left = await target.close();
    for (const what of left) shell.say(what);
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
  return withLeft(report, left);
}

/** A run that fails is no verdict: its exit code is that of a run that cannot say. */
function undecided(error: unknown): never {
  throw error instanceof Problem ? error : new Problem(`the run failed: ${errorMessage(error)}`, exitCodes.undecided);
}

async function targetOf(shell: Shell, { topology, faults }: Scenario, flags: RunFlags): Promise<Target> {
  const { home, kubeconfig, image } = flags;
  const env = { ...process.env, PATH: widePath(process.env['PATH']) };
  const command = { program: [process.execPath, ...process.execArgv, process.argv[1] ?? ''], env };
  const found = home ?? kubeconfig;
  if (found !== undefined && flags.target === 'swarm')
    throw new Problem('--target swarm makes a Swarm of its own; leave --home and --kubeconfig out', wrongCommandLine);
  if (flags.target === 'swarm') return swarmCluster({ topology, timers: systemTimers, image, say: shell.say });
  if (found === undefined)
    return ownCluster({ topology, faults, command, image, timers: systemTimers, say: shell.say });
  if (!existsSync(found)) throw new Problem(`${found} does not exist`, wrongCommandLine);
  await confirm(found, flags.iOwnThisCluster === true);
  try {
    return home === undefined ? await clusterOfKubeconfig(found, image) : await clusterOfHome(found, command, image);
  } catch (error) {
    throw new Problem(`the cluster of ${found} cannot be reached: ${errorMessage(error)}`, exitCodes.sick);
  }
}

/** A cluster that was there before is broken only by its owner. */
async function confirm(cluster: string, owned: boolean): Promise<void> {
  if (owned) return;
  const refusal = `this breaks the cluster of ${cluster}, which is not this run's own; add --i-own-this-cluster`;
  if (!process.stdin.isTTY) throw new Problem(refusal, wrongCommandLine);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`This breaks the cluster of ${pc.bold(cluster)}. Type "break it" to go on: `);
  terminal.close();
  if (answer.trim() !== 'break it') throw new Problem(refusal, wrongCommandLine);
}
