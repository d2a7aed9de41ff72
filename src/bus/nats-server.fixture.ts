/** For tests: the nats-server of this machine. */
import { spawnSync } from 'node:child_process';

/** Why tests that need a server cannot run; undefined: they can. */
export const withoutNatsServer =
  spawnSync('nats-server', ['--version']).status === 0 ? undefined : 'nats-server is not installed';
if (withoutNatsServer !== undefined) console.log(`tests of the NATS bus are skipped: ${withoutNatsServer}`);
