import { accessSync, constants, existsSync } from 'node:fs';
import { request } from 'node:http';
import { delimiter, join } from 'node:path';
import { type Settings, systemFolders } from '../main/index.ts';
import { Problem } from './problem.ts';

/** One thing that this machine must have. `fix` is the command that brings it. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly fix: string;
}

/**
 * Where a program stands: the system's folders, then PATH (npm puts folders in front that have programs of the same
 * names).
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

/** Asks the Docker Engine for its version. */
export function dockerVersion(socketPath: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: '/version', timeout: 3_000 }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on('end', () => {
        resolve(/"Version":"([^"]+)"/.exec(body)?.[1]);
      });
    });
    call.on('error', () => {
      resolve(undefined);
    });
    call.on('timeout', () => {
      call.destroy();
      resolve(undefined);
    });
    call.end();
  });
}

/** All that `troupe up` needs of a machine, in the order in which it is needed. */
export async function examine(options: {
  readonly natsProgram: string;
  readonly dockerSocket: string;
  readonly runtime: 'docker' | 'simulated';
}): Promise<readonly Finding[]> {
  const program = (name: string, packageName: string): Finding => {
    const file = findProgram(name);
    return { name, ok: file !== undefined, detail: file ?? 'not found', fix: `apt-get install -y ${packageName}` };
  };
  const findings = [program(options.natsProgram, 'nats-server'), program('kubectl', 'kubectl')];
  if (options.runtime === 'simulated') return findings;
  const root = process.getuid?.() === 0;
  const version = await dockerVersion(options.dockerSocket);
  return [
    {
      name: 'root rights',
      ok: root,
      detail: root ? 'yes' : 'this user cannot set up networks',
      fix: 'run the command with sudo',
    },
    ...findings,
    program('nft', 'nftables'),
    program('ip', 'iproute2'),
    program('nsenter', 'util-linux'),
    {
      name: 'Docker Engine',
      ok: version !== undefined,
      detail: version ?? `no answer at ${options.dockerSocket}`,
      fix:
        findProgram('dockerd') === undefined
          ? 'apt-get install -y docker.io'
          : existsSync('/run/systemd/system')
            ? 'systemctl start docker'
            : 'dockerd > /var/log/dockerd.log 2>&1 &',
    },
  ];
}

/**
 * A Problem with the first thing that is missing, and its fix; `spare`: findings that are not needed. Only people need
 * kubectl.
 */
export async function requireMachine(settings: Settings, spare: readonly string[] = []): Promise<void> {
  const findings = await examine({
    natsProgram: settings.nats.program,
    dockerSocket: settings.node.dockerSocket,
    runtime: settings.node.runtime,
  });
  const missing = findings.find(({ ok, name }) => !ok && name !== 'kubectl' && !spare.includes(name));
  if (missing !== undefined)
    throw new Problem(`${missing.name}: ${missing.detail}; fix: ${missing.fix} (\`troupe doctor\` lists everything)`);
}
