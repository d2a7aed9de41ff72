/** The runtime port on a Docker Engine. */
import type { Timers } from '../../../base/index.ts';
import type { ContainerRuntime } from '../runtime.ts';
import { connectDocker } from './docker-connection.ts';
import { containerCalls, type MakeOptions } from './docker-containers.ts';
import { followDockerEvents } from './docker-events.ts';
import { type LogLimits, logLimits } from '../log-limits.ts';
import { engineFacts } from './docker-facts.ts';
import { imageCalls } from './docker-images.ts';
import { ensureNetwork, removeNetwork } from './docker-networks.ts';
import { processCalls } from './docker-processes.ts';

interface DockerRuntimeOptions {
  readonly socketPath: string;
  readonly timers: Timers;
  /** Default: a kubelet's. */
  readonly logs?: LogLimits | undefined;
  readonly utsOf?: MakeOptions['utsOf'];
}

/** Docker's API 1.41 and later. */
export function dockerRuntime(options: DockerRuntimeOptions): ContainerRuntime {
  const { socketPath, timers, logs = logLimits({}), utsOf } = options;
  const connection = connectDocker(socketPath);
  return {
    ...containerCalls(connection, { logs, utsOf }),
    ...imageCalls(connection, timers),
    ...processCalls(connection),
    forwardChain: 'DOCKER-USER',
    facts: () => engineFacts(connection),
    ensureNetwork: (spec) => ensureNetwork(connection, spec),
    removeNetwork: (name, own) => removeNetwork(connection, name, own),
    events: (labels, listener) => followDockerEvents({ connection, timers, labels, listener }),
    close: () => {
      connection.close();
    },
  };
}
