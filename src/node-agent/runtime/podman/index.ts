/**
 * Podman as a container runtime, by its Docker-compatible API; what differs from Docker is in podman-runtime.ts.
 */
import { engineFinding } from '../docker/index.ts';
import type { RuntimeDriver } from '../driver.ts';
import { podmanRuntime } from './podman-runtime.ts';

export { podmanRuntime } from './podman-runtime.ts';

export const podmanDriver: RuntimeDriver<'podmanSocket'> = {
  settings: [
    { key: 'podmanSocket', flag: '--podman-socket <path>', description: 'where the service of Podman listens' },
  ],
  runsProcesses: true,
  systemdUnit: 'podman.socket',
  finding: ({ podmanSocket }, ports) =>
    engineFinding(podmanSocket, ports, {
      name: 'Podman',
      program: 'podman',
      packageName: 'podman',
      unit: 'podman.socket',
      command: `podman system service --time=0 unix://${podmanSocket} > /var/log/podman.log 2>&1 &`,
    }),
  open: ({ podmanSocket }, { timers, logs }) => podmanRuntime({ socketPath: podmanSocket, timers, logs }),
};
