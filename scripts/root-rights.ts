/** Networks and Docker need root. Whoever is not root is asked by sudo, once, and gets the files that clients need. */
import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import { join } from 'node:path';

const isRoot = process.getuid?.() === 0;

/** What to put before a command so that it runs as root with this environment. */
export function asRoot(): readonly string[] {
  return isRoot
    ? []
    : ['sudo', '--preserve-env', 'env', `PATH=${process.env['PATH'] ?? ''}`, `HOME=${process.env['HOME'] ?? ''}`];
}

/** Goes on as root: runs the same script again through sudo and ends with its exit code. Does nothing for root. */
export function rerunAsRoot(script: string): void {
  if (isRoot) return;
  const [sudo, ...rest] = [...asRoot(), process.execPath, script, ...process.argv.slice(2)];
  const { status } = spawnSync(sudo ?? 'sudo', rest, { stdio: 'inherit' });
  process.exit(status ?? 1);
}

/** Gives the home and the files by which clients connect to the user who called sudo. */
export function handOver(home: string): void {
  const [user, group] = [Number(process.env['SUDO_UID']), Number(process.env['SUDO_GID'])];
  if (!Number.isInteger(user) || user === 0) return;
  for (const file of [home, join(home, 'kubeconfig'), join(home, 'nats.json')]) chownSync(file, user, group);
}
