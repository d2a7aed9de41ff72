/** Starts processes under keepers, which restart them. */
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  doNotRestart,
  hollowNodes,
  type Home,
  memberFlags,
  memoryEnvironment,
  runsWith,
  writePrivate,
} from '../main/index.ts';

/**
 * The keeper of one process: a shell of a megabyte that restarts it when it dies, after a pause that grows while it
 * keeps dying, and passes SIGTERM on. It writes its own pid and marks each restart in run/. Where systemd runs the
 * process (`troupe up --foreground`), systemd is the keeper.
 */
const script = `
name=$1; run=$2; shift 2
child=; stop=
trap 'stop=1; [ -n "$child" ] && kill -TERM "$child" 2>/dev/null' TERM INT
echo $$ > "$run/keeper-$name.pid"
export ${memoryEnvironment}
pause=0
while :; do
  began=$(date +%s)
  "$@" & child=$!
  wait "$child"; code=$?
  if [ -n "$stop" ]; then wait "$child" 2>/dev/null; break; fi
  if [ "$code" -eq 0 ] || [ "$code" -eq ${doNotRestart} ]; then break; fi
  echo "$code" > "$run/restarted-$name"
  if [ $(( $(date +%s) - began )) -ge 10 ]; then pause=0; fi
  [ "$pause" -gt 0 ] && sleep "$pause"
  pause=$(( pause == 0 ? 1 : pause < 4 ? pause * 2 : 5 ))
done
rm -f "$run/keeper-$name.pid"
`;

interface KeptProcess {
  readonly home: Home;
  /** The process's name, also that of its files in run/ and logs/. */
  readonly name: string;
  /** Arguments of the troupe program. */
  readonly arguments: readonly string[];
  /** Flags of Node. */
  readonly nodeFlags: readonly string[];
}

/** Starts a member under a keeper. */
export function startKeptMember(home: Home, name: string, { withNode }: { readonly withNode: boolean }): void {
  startKept({
    home,
    name,
    nodeFlags: memberFlags,
    arguments: ['run-member', '--home', home.folder, '--name', name, ...(withNode ? [] : ['--no-node'])],
  });
}

/** Starts a node's agent under a keeper. */
export function startKeptNode(home: Home, name: string): void {
  startKept({ home, name, nodeFlags: [], arguments: ['node', '--home', home.folder, '--name', name] });
}

/** Starts the process of so many hollow nodes under a keeper. */
export function startKeptHollowNodes(home: Home, count: number): void {
  const args = ['run-hollow-nodes', '--home', home.folder, '--count', String(count)];
  startKept({ home, name: hollowNodes, nodeFlags: [], arguments: args });
}

/** Starts the keeper in a session of its own, so that neither process dies with the terminal. */
function startKept({ home, name, arguments: commandArguments, nodeFlags }: KeptProcess): void {
  const file = scriptOf(home);
  // Replaced whole: another keeper's shell may be reading the file.
  writePrivate(file, script);
  const log = openSync(join(home.logs, `${name}.out`), 'a', 0o600);
  const command = [
    file,
    name,
    home.run,
    process.execPath,
    ...process.execArgv,
    ...nodeFlags,
    process.argv[1] ?? '',
    ...commandArguments,
  ];
  spawn('/bin/sh', command, { detached: true, stdio: ['ignore', log, log], cwd: '/' }).unref();
}

const scriptOf = (home: Home): string => join(home.run, 'keeper.sh');

/**
 * The keeper's pid while it lives: a pid file may be older than the process that has its pid now, or a copy of another
 * home's.
 */
export function keeperPid(home: Home, name: string): number | undefined {
  const file = join(home.run, `keeper-${name}.pid`);
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8'));
  return runsWith(pid, scriptOf(home)) ? pid : undefined;
}

/** Whether the keeper has restarted the process since the last call. */
export function takeRestartMark(home: Home, name: string): boolean {
  const file = join(home.run, `restarted-${name}`);
  const marked = existsSync(file);
  rmSync(file, { force: true });
  return marked;
}
