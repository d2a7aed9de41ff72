/** `troupe actor`, `troupe trace` and `troupe log-level`: the actors of all processes. */
import Table from 'cli-table3';
import { Argument, type Command, Option } from 'commander';
import pc from 'picocolors';
import { logLevels, type TraceStep } from '../base/index.ts';
import { askApi } from './api-call.ts';
import { Problem } from './problem.ts';
import { examples, type HomeFlags, type Shell } from './shell.ts';
import { traceText } from './trace-text.ts';

interface Actor {
  readonly process: string;
  readonly address: string;
  readonly state?: string;
  readonly restarts?: number;
  readonly lastCrash?: { readonly error: string; readonly messageType: string };
}

interface Levels {
  readonly processes: readonly {
    readonly process: string;
    readonly level: string;
    readonly rules: readonly { readonly pattern: string; readonly level: string }[];
  }[];
  readonly silent: readonly string[];
}

export function addActors(program: Command, shell: Shell): void {
  const actor = program.command('actor').description('Lists and restarts actors.');
  addList(actor, shell);
  addRestart(actor, shell);
  addTrace(program, shell);
  addLogLevel(program, shell);
}

function addList(actor: Command, shell: Shell): void {
  shell
    .command(actor, 'list', 'Lists the actors of all processes with their state, restarts and last crash.')
    .argument('[pattern]', 'address of an actor, which lists those below it too; * is one part, ** any number')
    .addOption(new Option('-o, --output <format>', 'output format').choices(['table', 'json']).default('table'))
    .addHelpText('after', examples('troupe actor list', "troupe actor list 'deployment-controller/*/default/web'"))
    .action(async (pattern: string | undefined, flags: HomeFlags & { output: string }) => {
      const actors = await listed(shell, flags, pattern);
      shell.out(flags.output === 'json' ? JSON.stringify(actors) : actorTable(actors));
    });
}

function addRestart(actor: Command, shell: Shell): void {
  shell
    .command(actor, 'restart', 'Restarts an actor, a parked one too, and resets its restart budget.')
    .argument('<address>')
    .option('--process <name>', 'its process, if several have an actor of this address')
    .addHelpText(
      'after',
      examples(
        'troupe actor restart deployment-controller/3/default/web',
        'troupe actor restart scheduler --process member-1',
      ),
    )
    .action(async (address: string, flags: HomeFlags & { process?: string }) => {
      const places =
        flags.process === undefined
          ? (await listed(shell, flags, address))
              .filter((found) => found.address === address)
              .map(({ process }) => process)
          : [flags.process];
      const [process, other] = places;
      if (process === undefined) throw new Problem(`there is no actor ${address}; \`troupe actor list\` shows them`);
      if (other !== undefined) throw new Problem(`${address} is in ${places.join(', ')}; choose one with --process`);
      await asked(shell, flags, 'actors/restart', { process, address });
      shell.out(`Restarted ${address} of ${process}.`);
    });
}

function addTrace(program: Command, shell: Shell): void {
  shell
    .command(program, 'trace', 'Shows the path of one request through API, store and actors of all processes.')
    .argument('<id>', 'a trace id, or the Audit-ID of an answer')
    .addOption(new Option('-o, --output <format>', 'output format').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `${examples(
        'troupe kubectl -- create -f web.yaml -v=8 2>&1 | grep Audit-Id',
        'troupe trace 4bf92f35-77b3-4da6-a3ce-929d0e0e4736',
      )}\nEach process remembers its newest steps; \`troupe logs --trace ID\` shows log lines of any age.`,
    )
    .action(async (id: string, flags: HomeFlags & { output: string }) => {
      const trace = await asked<{ readonly steps: readonly TraceStep[]; readonly silent: readonly string[] }>(
        shell,
        flags,
        `traces/${encodeURIComponent(id)}`,
      );
      if (flags.output === 'json') {
        shell.out(JSON.stringify(trace));
        return;
      }
      sayMissing(shell, trace.silent);
      if (trace.steps.length === 0) throw new Problem(`no process remembers a step of ${id}`);
      shell.out(traceText(trace.steps));
    });
}

function addLogLevel(program: Command, shell: Shell): void {
  shell
    .command(program, 'log-level', 'Shows or changes the log levels of running processes, until they end.')
    .argument('[pattern]', 'only actors at this address and below it; * is one part, ** any number')
    .addArgument(
      new Argument('[level]', 'default: the level of their process again').choices([...logLevels, 'default']),
    )
    .option('--process <name>', 'only this process')
    .addHelpText(
      'after',
      examples(
        'troupe log-level',
        'troupe log-level debug',
        "troupe log-level 'deployment-controller/*/default/web' debug",
        "troupe log-level 'deployment-controller/*/default/web' default",
      ),
    )
    .action(async (first: string | undefined, second: string | undefined, flags: HomeFlags & { process?: string }) => {
      const [actor, level] = second === undefined ? [undefined, first] : [first, second];
      if (level !== undefined && ![...logLevels, 'default'].includes(level))
        throw new Problem(`${level} is not a log level; choose one of ${logLevels.join(', ')}`, 2);
      const answer = await asked<Levels>(
        shell,
        flags,
        'log-levels',
        level === undefined ? undefined : { level, actor, process: flags.process },
      );
      sayMissing(shell, answer.silent);
      shell.out(levelTable(answer));
    });
}

function sayMissing(shell: Shell, silent: readonly string[]): void {
  if (silent.length > 0) shell.say(pc.yellow(`no answer from ${silent.join(', ')}`));
}

async function listed(shell: Shell, flags: HomeFlags, pattern: string | undefined): Promise<readonly Actor[]> {
  return (
    await asked<{ readonly actors: readonly Actor[] }>(
      shell,
      flags,
      `actors${pattern === undefined ? '' : `?pattern=${encodeURIComponent(pattern)}`}`,
    )
  ).actors;
}

/** A GET, or with a body a POST, below /troupe/api/. */
async function asked<T>(shell: Shell, flags: HomeFlags, path: string, body?: object): Promise<T> {
  const home = shell.homeOf(flags);
  const answer = await askApi(home, await shell.servingUrl(home), `/troupe/api/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    body,
    timeoutMs: 10_000,
  });
  if (answer.status !== 200) throw new Problem(messageOf(answer.body) ?? `the API answered ${answer.status}`);
  return JSON.parse(answer.body) as T;
}

function messageOf(body: string): string | undefined {
  try {
    const { message, processes } = JSON.parse(body) as { readonly message?: string; readonly processes?: unknown };
    return (
      message ??
      (processes === undefined ? undefined : 'too many actors have a log level of their own; reset some with `default`')
    );
  } catch {
    return undefined;
  }
}

/** Without lines between rows: there may be thousands. */
const plain = { style: { head: [], border: [] }, chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' } };

function actorTable(actors: readonly Actor[]): string {
  const table = new Table({ head: ['process', 'actor', 'state', 'restarts', 'last crash'], ...plain });
  for (const { process, address, state = 'running', restarts = 0, lastCrash } of actors)
    table.push([
      process,
      address,
      state,
      restarts,
      lastCrash === undefined ? '' : `on ${lastCrash.messageType}: ${lastCrash.error}`,
    ]);
  return table.toString();
}

function levelTable({ processes }: Levels): string {
  const table = new Table({ head: ['process', 'actors', 'level'], ...plain });
  for (const { process, level, rules } of processes) {
    table.push([process, 'all', level]);
    for (const rule of rules) table.push([process, rule.pattern, rule.level]);
  }
  return table.toString();
}
