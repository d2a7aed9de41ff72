/** Runs scripts in one shell that stays, which costs less than a process for each command. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { CommandError } from './command.ts';

/** Runs a script of `sh -e` and answers what it says; rejects with CommandError when a command of it fails. */
export type RunScript = (script: string) => Promise<string>;

interface Waiting {
  readonly resolve: (output: string) => void;
  readonly reject: (error: Error) => void;
}

interface Shell {
  readonly child: ChildProcess;
  readonly input: Socket;
  readonly output: Socket;
}

/** Stands between what a script says and its status; no program that is called here writes it. */
const endMark = '\u001e';
const endOfScript = new RegExp(`${endMark}(\\d+)\n`);

/**
 * One shell that stays and takes one script after the other: to start a program out of a process as large as this one
 * takes longer than a script does, and holds it up meanwhile. A shell that dies fails its scripts and is followed by
 * another one; it ends with this process.
 */
export function scriptShell(): RunScript {
  const waiting: Waiting[] = [];
  let shell: Shell | undefined;
  const ended = (child: ChildProcess, reason: string): void => {
    if (shell?.child !== child) return;
    shell = undefined;
    for (const { reject } of waiting.splice(0)) reject(new CommandError('sh', undefined, reason));
  };
  const told = (output: string, status: number): void => {
    const next = waiting.shift();
    if (waiting.length === 0) shell?.output.unref();
    if (status === 0) next?.resolve(output);
    else next?.reject(new CommandError('sh', status, output));
  };
  return (script) =>
    new Promise((resolve, reject) => {
      shell ??= startShell(told, ended);
      shell.output.ref();
      waiting.push({ resolve, reject });
      shell.input.write(`(set -e\n${script}\n) 2>&1\nprintf '${endMark}%s\\n' $?\n`);
    });
}

/** It keeps this process alive only where its output is awaited. */
function startShell(
  told: (output: string, status: number) => void,
  ended: (child: ChildProcess, reason: string) => void,
): Shell {
  const child = spawn('sh', [], { stdio: ['pipe', 'pipe', 'ignore'] });
  const [input, output] = [child.stdin as Socket, child.stdout as Socket];
  child.unref();
  input.unref();
  child.on('error', (error) => {
    ended(child, error.message);
  });
  output.on('close', () => {
    ended(child, 'the shell ended');
  });
  // The output's end tells it.
  input.on('error', () => undefined);
  let rest = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split(endOfScript);
    rest = parts.pop() ?? '';
    for (let i = 0; i + 1 < parts.length; i += 2) told(parts[i] ?? '', Number(parts[i + 1]));
  });
  return { child, input, output };
}
