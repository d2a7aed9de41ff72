import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Runs a program of the machine and answers its output; rejects with CommandError when it fails. */
export type RunCommand = (command: string, args: readonly string[], stdin?: string) => Promise<string>;

export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly command: string;
  readonly exitCode: number | undefined;
  constructor(command: string, exitCode: number | undefined, output: string) {
    super(`${command} ${exitCode === undefined ? 'could not be run' : `ended with ${exitCode}`}: ${output.trim()}`);
    this.command = command;
    this.exitCode = exitCode;
  }
}

/* The system's own folders, in order. PATH is not asked: under npm it begins with a folder where other programs have such names. */
const folders = ['/usr/sbin', '/sbin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/local/bin'];
const paths = new Map<string, string>();

function programPath(command: string): string {
  const known = paths.get(command);
  if (known !== undefined) return known;
  const folder = folders.find((each) => existsSync(`${each}/${command}`));
  if (folder === undefined) return command;
  paths.set(command, `${folder}/${command}`);
  return `${folder}/${command}`;
}

/** The programs of this machine. */
export const runCommand: RunCommand = (command, args, stdin) => new Promise((resolve, reject) => {
  const child = spawn(programPath(command), args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text; });
  child.stderr.setEncoding('utf8').on('data', (text: string) => { errors += text; });
  child.on('error', (error) => { reject(new CommandError(command, undefined, error.message)); });
  child.on('close', (code) => {
    if (code === 0) resolve(output);
    else reject(new CommandError(`${command} ${args.join(' ')}`, code ?? -1, errors || output));
  });
  child.stdin.on('error', () => undefined); /* a program that ends early tells its reason by its exit */
  child.stdin.end(stdin ?? '');
});
