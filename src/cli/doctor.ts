/** What a machine needs to run a cluster, and what it lacks. */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type MachineFinding, runtimeDriver, type Settings, systemFolders } from '../main/index.ts';
import { Problem } from './problem.ts';

/**
 * The file of a program, from the system's folders, then PATH: npm puts folders in front that have programs of the same
 * names.
 */
export function findProgram(name: string): string | undefined {
  if (name.includes('/')) return existsSync(name) ? name : undefined;
  for (const folder of [...systemFolders, ...(process.env['PATH'] ?? '').split(delimiter)]) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      if (folder !== '') return file;
    } catch {
      continue; // Not in this folder.
    }
  }
  return undefined;
}

/** Each need of `troupe up`, in the order in which it is needed. */
export async function examine({ nats, node }: Settings): Promise<readonly MachineFinding[]> {
  const program = (name: string, packageName: string): MachineFinding => {
    const file = findProgram(name);
    return { name, ok: file !== undefined, detail: file ?? 'not found', fix: `apt-get install -y ${packageName}` };
  };
  const findings = [program(nats.program, 'nats-server'), program('kubectl', 'kubectl')];
  const runtime = runtimeDriver(node.runtime);
  if (!runtime.runsProcesses) return findings;
  const root = process.getuid?.() === 0;
  const engine = await runtime.finding?.(node, findProgram);
  return [
    {
      name: 'root',
      ok: root,
      detail: root ? 'yes' : 'setting up networks needs root',
      fix: 'run the command with sudo',
    },
    ...findings,
    program('nft', 'nftables'),
    program('conntrack', 'conntrack'),
    program('ip', 'iproute2'),
    program('nsenter', 'util-linux'),
    ...(engine === undefined ? [] : [engine]),
  ];
}

/**
 * Rejects with a Problem that names the first missing thing and its fix. `spare`: findings that are not needed; kubectl
 * never is, since only people need it, nor is conntrack, without which only flows of UDP stay with endpoints that went.
 */
export async function requireMachine(settings: Settings, spare: readonly string[] = []): Promise<void> {
  const findings = await examine(settings);
  const missing = findings.find(({ ok, name }) => !ok && !['kubectl', 'conntrack', ...spare].includes(name));
  if (missing !== undefined)
    throw new Problem(`${missing.name}: ${missing.detail}; fix: ${missing.fix} (\`troupe doctor\` lists everything)`);
}
