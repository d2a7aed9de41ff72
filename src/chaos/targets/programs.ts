/** Runs programs of the machine. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly input?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

const outputBytesMax = 64 * 1024 * 1024;
const systemFolders = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** A program of the system, by its path; undefined where it is not installed. */
export function systemProgram(name: string): string | undefined {
  return systemFolders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

/** Runs a short program to its end; this process waits. */
export function run(program: string, args: readonly string[], { input, env }: RunOptions = {}): Ended {
  const { status, stdout, stderr } = spawnSync(systemProgram(program) ?? program, args, {
    encoding: 'utf8',
    maxBuffer: outputBytesMax,
    input,
    env,
  });
  return { status: status ?? 1, stdout: stdout ?? '', stderr: stderr ?? '' };
}

/** `run` that throws what the program said when it failed. */
export function must(program: string, args: readonly string[], options: RunOptions = {}): string {
  const { status, stdout, stderr } = run(program, args, options);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr.trim() || `exit code ${status}`}`);
  return stdout;
}

/** Runs a program while the clients of this process go on. */
export function runMeanwhile(program: string, args: readonly string[], { env }: RunOptions = {}): Promise<Ended> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => {
    said.stdout += text.toString();
  });
  child.stderr.on('data', (text: Buffer) => {
    said.stderr += text.toString();
  });
  return new Promise((resolve) => {
    child.on('error', (error) => {
      resolve({ status: 1, stdout: '', stderr: error.message });
    });
    child.on('close', (status) => {
      resolve({ status: status ?? 1, ...said });
    });
  });
}

/** `runMeanwhile` that rejects with what the program said when it failed. */
export async function mustMeanwhile(program: string, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runMeanwhile(systemProgram(program) ?? program, args);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr.trim() || `exit code ${status}`}`);
  return stdout;
}

/** PATH with the folders of administration programs, which a user's may lack. */
export function widePath(path: string | undefined): string {
  return [path ?? '', ...systemFolders].join(delimiter);
}
