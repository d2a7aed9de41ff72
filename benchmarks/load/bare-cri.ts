/** The two containers of a pod by bare calls of a CRI runtime. */
import { mkdir } from 'node:fs/promises';
import { criTable, grpcConnection, parseTable } from '../../src/grpc/index.ts';
import { containerConfig, sandboxConfig } from '../../src/node-agent/runtime/cri/cri-spec.ts';
import type { ContainerSpec } from '../../src/node-agent/runtime/index.ts';
import { systemClock } from '../../src/platform/index.ts';
import { type BareEngine, graceSeconds } from './bare-pods.ts';
import { plainSpec } from './plain-spec.ts';

interface BareCriOptions {
  readonly socketPath: string;
  readonly logFolder: string;
  readonly image: string;
  readonly command: readonly string[];
}

const deadlineMs = 60_000;

/** Sandboxes are connected by the CNI configuration that a node's agent has installed. */
export function bareCri({ socketPath, logFolder, image, command }: BareCriOptions): BareEngine {
  const connection = grpcConnection(parseTable(criTable), { socketPath, clock: systemClock });
  const call = <T>(method: string, request: object): Promise<T> =>
    connection.call('RuntimeService', method, { ...request }, { deadlineMs }) as Promise<T>;
  const spec = (name: string): ContainerSpec =>
    plainSpec({ name, image, labels: { 'troupe.pod.uid': name }, entrypoint: command, hostname: name });
  return {
    name: 'CRI',
    start: async (name) => {
      const config = sandboxConfig(spec(name), { logFolder, isPrivate: false, cgroupParent: '' });
      await mkdir(config.logDirectory, { recursive: true });
      const { podSandboxId } = await call<{ readonly podSandboxId: string }>('RunPodSandbox', { config });
      const around = { sandboxId: podSandboxId, sandbox: config, seccompFile: undefined, unified: true };
      const { containerId } = await call<{ readonly containerId: string }>('CreateContainer', {
        podSandboxId,
        config: containerConfig(spec(name), around),
        sandboxConfig: config,
      });
      await call('StartContainer', { containerId });
      return { sandbox: podSandboxId, container: containerId };
    },
    stop: async ({ sandbox, container }) => {
      await call('StopContainer', { containerId: container, timeout: graceSeconds });
      await call('RemoveContainer', { containerId: container });
      await call('StopPodSandbox', { podSandboxId: sandbox });
      await call('RemovePodSandbox', { podSandboxId: sandbox });
    },
    close: () => {
      connection.close();
    },
  };
}
