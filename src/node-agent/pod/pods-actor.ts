/** A bucket of a node's pods: starts and stops their actors. */
import type { ActorContext, ActorRef, Behaviour } from '../../actors/index.ts';
import { type Node, type Pod, resources } from '../../api/index.ts';
import type { ContainerFacts } from '../runtime/index.ts';
import { alignPod } from '../topology/index.ts';
import { podAsAllocated } from './pod-allocation.ts';
import { admitPod, type Refusal } from './pod-admission.ts';
import { podActor } from './pod-actor.ts';
import type { PodMessage } from './pod-messages.ts';
import type { PodPorts } from './pod-ports.ts';
import { takenPods } from './taken-pods.ts';

/** Messages of one bucket of the node's pods. */
export type PodsMessage =
  /** A pod of this node, new or changed. `found`: what the engine had of it when the agent started. */
  | { readonly type: 'pod'; readonly pod: Pod; readonly found?: readonly ContainerFacts[] | undefined }
  | { readonly type: 'to-pod'; readonly uid: string; readonly message: PodMessage }
  | { readonly type: 'pod-over'; readonly uid: string };

interface PodsState {
  readonly pods: Map<string, { readonly name: string; readonly ref: ActorRef<PodMessage> }>;
  /** Pods that are done with here, until the API forgets them, too. */
  readonly over: Set<string>;
}

/** A share of the node's pods, each an actor below this one. */
export function podsActor(ports: PodPorts): Behaviour<PodsState, PodsMessage> {
  return {
    initialState: () => ({ pods: new Map(), over: new Set() }),
    receive: (state, message, context) => {
      switch (message.type) {
        case 'pod':
          podSeen(ports, state, { message, context });
          break;
        case 'to-pod':
          if (message.message.type === 'pod-gone') state.over.delete(message.uid);
          state.pods.get(message.uid)?.ref.tell(message.message);
          break;
        case 'pod-over': {
          const entry = state.pods.get(message.uid);
          if (entry === undefined) break;
          state.pods.delete(message.uid);
          state.over.add(message.uid);
          ports.node.allocations.release(message.uid);
          context.stopChild(entry.name);
        }
      }
      return state;
    },
  };
}

type PodMet = Extract<PodsMessage, { readonly type: 'pod' }>;

function podSeen(
  ports: PodPorts,
  state: PodsState,
  turn: {
    readonly message: PodMet;
    readonly context: ActorContext<PodsMessage>;
  },
): void {
  const { message, context } = turn;
  const { pod } = message;
  const { uid = '', namespace, name } = pod.metadata;
  const known = state.pods.get(uid);
  if (known !== undefined) {
    known.ref.tell({ type: 'pod-changed', pod });
    return;
  }
  if (state.over.has(uid)) return;
  const refusal = refusalOf(ports, message);
  if (refusal === undefined) ports.node.allocations.give(podAsAllocated(pod));
  const actorName = `${namespace}.${name}.${uid.slice(0, 8)}`;
  const ref = context.spawn(
    actorName,
    podActor({
      ports,
      pod,
      found: message.found,
      refusal,
      over: () => {
        context.self.tell({ type: 'pod-over', uid });
      },
    }),
    {
      coalesceKey: (each) => (each.type === 'tick' || each.type === 'refresh' ? each.type : undefined),
      whenSpent: { type: 'park', retry: true },
    },
  );
  state.pods.set(uid, { name: actorName, ref });
}

/** Why the node will not run the pod; one that has begun is not refused. */
function refusalOf(ports: PodPorts, { pod, found = [] }: PodMet): Refusal | undefined {
  const { status } = pod;
  const isNew = found.length === 0 && (status?.phase ?? 'Pending') === 'Pending' && status?.startTime === undefined;
  if (!isNew) return undefined;
  const { node, api } = ports;
  const refusal = admitPod(pod, takenPods(ports, pod.metadata.uid ?? ''), {
    ...node,
    allocatable: node.allocatable(),
    pressures: node.pressures(),
    shuttingDown: node.isShuttingDown(),
    object: api.view.get<Node>(resources.nodes, undefined, node.identity.node),
  });
  return refusal ?? alignPod(pod, node.topology);
}
