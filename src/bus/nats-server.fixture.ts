/** For tests: the nats-server of this machine. */
import { spawnSync } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';

/** Why tests that need a server cannot run; undefined: they can. */
export const withoutNatsServer =
  spawnSync('nats-server', ['--version']).status === 0 ? undefined : 'nats-server is not installed';
if (withoutNatsServer !== undefined) console.log(`tests of the NATS bus are skipped: ${withoutNatsServer}`);

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
