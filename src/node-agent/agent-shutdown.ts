/** The end of a node whose machine goes down. */
import type { EndPod } from './agent-pods.ts';
import type { NodeAgentOptions } from './agent-settings.ts';
import type { Standing } from './agent-standing.ts';
import type { NodeEvents } from './node/index.ts';
import { type PodPorts, takenPods } from './pod/index.ts';
import { nodeShutdown, type ShutdownOutcome, shutdownSteps } from './shutdown/index.ts';

interface ShutdownParts {
  readonly ports: PodPorts;
  readonly events: NodeEvents;
  readonly standing: Standing;
  readonly endPod: EndPod;
}

/** The returned function ends the node's pods, and resolves when that is done. */
export function prepareShutdown(options: NodeAgentOptions, parts: ShutdownParts): () => Promise<ShutdownOutcome> {
  const { ports, events, standing, endPod } = parts;
  return nodeShutdown({
    ...options,
    steps: shutdownSteps(options.settings),
    pods: () => takenPods(ports, ''),
    endPod,
    begins: () => {
      standing.beginShutdown();
      const message = 'Shutdown manager detected shutdown event';
      events.recordOnNode({ kind: 'Normal', reason: 'NodeShutdown', message });
    },
  });
}
