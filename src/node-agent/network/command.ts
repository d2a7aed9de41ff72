/** Runs programs of the machine. */
import { spawn } from 'node:child_process';

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

/** The programs of this machine, by PATH: a process of Troupe puts the system's folders first there when it starts. */
export const runCommand: RunCommand = (command, args, stdin) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.on('error', (error) => {
      reject(new CommandError(command, undefined, error.message));
    });
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new CommandError(`${command} ${args.join(' ')}`, code ?? -1, errors || output));
    });
    // A program that ends early tells its reason by its exit.
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin ?? '');
  });
