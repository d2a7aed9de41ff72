/** Docker's line of the runtime registry: where its engine listens, and whether it answers there. */
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import type { RuntimeDriver } from '../driver.ts';
import { dockerRuntime } from './docker-runtime.ts';

const answerMs = 3_000;

export const dockerDriver: RuntimeDriver<'dockerSocket'> = {
  settings: [{ key: 'dockerSocket', flag: '--docker-socket <path>', description: 'where the Docker Engine listens' }],
  runsProcesses: true,
  systemdUnit: 'docker.service',
  finding: async ({ dockerSocket }, { findProgram }) => {
    const version = await engineVersion(dockerSocket);
    return {
      name: 'Docker Engine',
      ok: version !== undefined,
      detail: version ?? `no answer at ${dockerSocket}`,
      fix:
        findProgram('dockerd') === undefined
          ? 'apt-get install -y docker.io'
          : existsSync('/run/systemd/system')
            ? 'systemctl start docker'
            : 'dockerd > /var/log/dockerd.log 2>&1 &',
    };
  },
  open: ({ dockerSocket }, { timers, logs }) => dockerRuntime({ socketPath: dockerSocket, timers, logs }),
};

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
