/** Serves what pods hold at a unix socket. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../api/index.ts';
import { GrpcFailure, grpcCodes, parseTable, podResourcesTable, serveGrpc } from '../../grpc/index.ts';
import { allocatableMessage, type HeldResources, podMessage } from './pod-resources.ts';

interface PodResourcesOptions {
  /** Where monitoring agents find the socket: pod-resources of the kubelet's folder. */
  readonly folder: string;
  /** The node's pods that have not ended. */
  readonly pods: () => readonly Pod[];
  readonly held: HeldResources;
}

interface GetRequest {
  readonly podName: string;
  readonly podNamespace: string;
}

/** Rejects when the socket cannot be opened. */
export async function servePodResources({ folder, pods, held }: PodResourcesOptions): Promise<{ close(): void }> {
  // Who may connect reads what all pods hold.
  await mkdir(folder, { recursive: true, mode: 0o750 });
  const socket = join(folder, 'kubelet.sock');
  await rm(socket, { force: true });
  const Get = ({ podName, podNamespace }: GetRequest): Readonly<Record<string, unknown>> => {
    const pod = pods().find(({ metadata }) => metadata.name === podName && metadata.namespace === podNamespace);
    if (pod === undefined)
      throw new GrpcFailure(grpcCodes.notFound, `pod ${podName} in namespace ${podNamespace} not found`);
    return { podResources: podMessage(pod, held) };
  };
  return serveGrpc(socket, [
    {
      schema: parseTable(podResourcesTable),
      service: 'PodResourcesLister',
      handlers: {
        Get,
        List: () => ({ podResources: pods().map((pod) => podMessage(pod, held)) }),
        GetAllocatableResources: () => ({ ...allocatableMessage(held) }),
      },
    },
  ]);
}
