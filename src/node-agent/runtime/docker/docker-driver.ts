/** Docker's line of the runtime registry: where its engine listens, and whether it answers there. */
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import type { FindProgram, MachineFinding, RuntimeDriver } from '../driver.ts';
import { dockerRuntime } from './docker-runtime.ts';

const answerMs = 3_000;

export const dockerDriver: RuntimeDriver<'dockerSocket'> = {
  settings: [{ key: 'dockerSocket', flag: '--docker-socket <path>', description: 'where the Docker Engine listens' }],
  runsProcesses: true,
  systemdUnit: 'docker.service',
  finding: ({ dockerSocket }, ports) =>
    engineFinding(dockerSocket, ports, {
      name: 'Docker Engine',
      program: 'dockerd',
      packageName: 'docker.io',
      unit: 'docker',
      command: 'dockerd > /var/log/dockerd.log 2>&1 &',
    }),
  open: ({ dockerSocket }, { timers, logs }) => dockerRuntime({ socketPath: dockerSocket, timers, logs }),
};

interface EngineProgram {
  /** For people. */
  readonly name: string;
  readonly program: string;
  readonly packageName: string;
  readonly unit: string;
  /** Begins it where there is no systemd. */
  readonly command: string;
}

/** Whether an engine with Docker's API answers. */
export async function engineFinding(
  socketPath: string,
  { findProgram }: { readonly findProgram: FindProgram },
  { name, program, packageName, unit, command }: EngineProgram,
): Promise<MachineFinding> {
  const version = await engineVersion(socketPath);
  return {
    name,
    ok: version !== undefined,
    detail: version ?? `no answer at ${socketPath}`,
    fix:
      findProgram(program) === undefined
        ? `apt-get install -y ${packageName}`
        : existsSync('/run/systemd/system')
          ? `systemctl start ${unit}`
          : command,
  };
}

/** Undefined without an answer. */
function engineVersion(socketPath: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: '/version', timeout: answerMs }, (response) => {
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
