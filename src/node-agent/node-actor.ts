/** The actor above all pods of a node: adopts what runs, and hands each change to its pod. */
import type { ActorContext, ActorRef, Behaviour } from '../actors/index.ts';
import { errorMessage, fnv1a } from '../base/index.ts';
import { type Pod, resources } from '../api/index.ts';
import { type PodMessage, type PodPorts, podsActor, type PodsMessage, reserveSandbox } from './pod/index.ts';
import { clusterLabels, type ContainerFacts, labels, type RuntimeEvent } from './runtime/index.ts';

/** Messages of the node's actor. */
export type NodeMessage =
  /** Look at the engine and the API, and take over what belongs here. */
  | { readonly type: 'adopt' }
  | { readonly type: 'pod-changed'; readonly pod: Pod }
  | { readonly type: 'pod-gone'; readonly uid: string }
  /** The node ends a pod for reasons of its own. */
  | {
      readonly type: 'evict';
      readonly uid: string;
      readonly reason: string;
      readonly message: string;
      readonly graceMs: number;
      /** It is not the pod's own doing. */
      readonly disrupted?: true | undefined;
    }
  | { readonly type: 'engine-event'; readonly event: Extract<RuntimeEvent, { readonly id: string }> }
  /** The engine's events were lost for a while. */
  | { readonly type: 'engine-back' }
  /** The agent ends; containers are left as they are. */
  | { readonly type: 'stop' };

interface NodeState {
  readonly buckets: readonly ActorRef<PodsMessage>[];
}

/** Few enough pods below each for nact, whose price per message grows with the number of children. */
const bucketCount = 8;

interface NodeActorOptions {
  readonly ports: PodPorts;
  /** Called once everything found has been handed to its pod. */
  readonly adopted: () => void;
}

/** The root of a node's pods: finds the actor for each change and event. */
export function nodeActor(options: NodeActorOptions): Behaviour<NodeState, NodeMessage> {
  const { ports } = options;
  let leftoversRemoved = false;
  return {
    initialState: (context) => {
      const buckets = Array.from({ length: bucketCount }, (_, i) =>
        context.spawn(
          `pods-${i}`,
          restartable(podsActor(ports), () => {
            context.self.tell({ type: 'adopt' });
          }),
        ),
      );
      context.self.tell({ type: 'adopt' });
      return { buckets };
    },
    receive: async (state, message, context) => {
      switch (message.type) {
        case 'adopt':
          if (!(await adopt(ports, state, !leftoversRemoved))) {
            context.tellSelfAfter(1000, { type: 'adopt' });
            return state;
          }
          leftoversRemoved = true;
          options.adopted();
          return state;
        case 'pod-changed':
          bucketOf(state, message.pod.metadata.uid ?? '').tell({ type: 'pod', pod: message.pod });
          return state;
        case 'pod-gone':
          toPod(state, message.uid, { type: 'pod-gone' });
          return state;
        case 'evict':
          toPod(state, message.uid, message);
          return state;
        case 'engine-event':
          toPod(state, message.event.labels[labels.podUid] ?? '', { type: 'engine-event', event: message.event });
          return state;
        case 'engine-back':
          await compare(ports, state, context);
          return state;
        case 'stop':
          context.stop();
          return state;
      }
    },
  };
}

/** A bucket that crashed has lost its pods: they are handed to it again. */
function restartable(
  behaviour: Behaviour<Awaited<ReturnType<ReturnType<typeof podsActor>['initialState']>>, PodsMessage>,
  restarted: () => void,
): typeof behaviour {
  let starts = 0;
  return {
    ...behaviour,
    initialState: (context) => {
      starts += 1;
      if (starts > 1) restarted();
      return behaviour.initialState(context);
    },
  };
}

function bucketOf(state: NodeState, uid: string): ActorRef<PodsMessage> {
  const bucket = state.buckets[fnv1a(uid) % state.buckets.length];
  if (bucket === undefined) throw new RangeError('a node has at least one bucket');
  return bucket;
}

function toPod(state: NodeState, uid: string, message: PodMessage): void {
  bucketOf(state, uid).tell({ type: 'to-pod', uid, message });
}

async function foundByPod(ports: PodPorts): Promise<Map<string, ContainerFacts[]>> {
  const found = await ports.engine.runtime.list({
    ...clusterLabels(ports.node.identity),
    [labels.node]: ports.node.identity.node,
  });
  const byPod = new Map<string, ContainerFacts[]>();
  for (const facts of found) {
    const uid = facts.labels[labels.podUid] ?? '';
    const list = byPod.get(uid);
    if (list === undefined) byPod.set(uid, [facts]);
    else list.push(facts);
  }
  return byPod;
}

function ownPods(ports: PodPorts): readonly Pod[] {
  return ports.api.view.list<Pod>(resources.pods).filter(({ spec }) => spec.nodeName === ports.node.identity.node);
}

/** False while the engine cannot be asked. */
async function adopt(ports: PodPorts, state: NodeState, removeLeftovers: boolean): Promise<boolean> {
  let byPod;
  try {
    byPod = await foundByPod(ports);
  } catch (error) {
    ports.log.warn('failed to list the containers of the engine; retrying', { error: errorMessage(error) });
    return false;
  }
  const pods = ownPods(ports);
  for (const pod of pods) {
    const uid = pod.metadata.uid ?? '';
    for (const facts of byPod.get(uid) ?? []) reserveSandbox(ports, uid, facts.labels);
  }
  for (const pod of pods) {
    const uid = pod.metadata.uid ?? '';
    bucketOf(state, uid).tell({ type: 'pod', pod, found: byPod.get(uid) ?? [] });
    byPod.delete(uid);
  }
  const kept = new Set([...pods.map(({ metadata }) => metadata.uid ?? ''), ...byPod.keys()]);
  ports.volumes.csi?.reclaim(kept);
  ports.claims?.reclaim(kept);
  ports.cpus?.reclaim(kept);
  if (removeLeftovers) removeAll(ports, byPod, new Set(pods.map(({ metadata }) => metadata.uid ?? '')));
  return true;
}

/** Leftovers of pods that went while the agent was away: stopped within the pod's grace period, then removed. */
function removeAll(
  ports: PodPorts,
  byPod: ReadonlyMap<string, readonly ContainerFacts[]>,
  living: ReadonlySet<string>,
): void {
  for (const [uid, found] of byPod) {
    if (uid === '') continue;
    void removeLeftover(ports, found).catch((error: unknown) => {
      ports.log.warn('failed to remove the leftovers of a pod', { pod: uid, error: errorMessage(error) });
    });
  }
  void ports.volumes.files
    .list(ports.node.podsFolder)
    .then(async (folders) => {
      for (const uid of folders)
        if (!living.has(uid) && !byPod.has(uid)) await ports.volumes.files.remove(`${ports.node.podsFolder}/${uid}`);
    })
    .catch((error: unknown) => {
      ports.log.warn('failed to remove the folders of former pods', { error: errorMessage(error) });
    });
}

async function removeLeftover(ports: PodPorts, found: readonly ContainerFacts[]): Promise<void> {
  await Promise.all(
    found
      .filter(({ labels: own }) => own[labels.role] !== 'sandbox')
      .map(async (facts) => {
        await ports.engine.runtime.stop(facts.id, Math.min(30, Number(facts.labels[labels.grace] ?? '30')) * 1000);
        await ports.engine.runtime.remove(facts.id);
      }),
  );
  for (const { id } of found) await ports.engine.runtime.remove(id);
  const uid = found[0]?.labels[labels.podUid];
  if (uid === undefined) return;
  ports.cpus?.release(uid);
  await Promise.all([ports.claims?.release(uid), ports.volumes.csi?.release(uid)]);
  await ports.volumes.files.remove(`${ports.node.podsFolder}/${uid}`);
}

async function compare(ports: PodPorts, state: NodeState, context: ActorContext<NodeMessage>): Promise<void> {
  try {
    const byPod = await foundByPod(ports);
    for (const pod of ownPods(ports)) {
      const uid = pod.metadata.uid ?? '';
      toPod(state, uid, { type: 'engine-state', found: byPod.get(uid) ?? [] });
    }
  } catch (error) {
    ports.log.warn('failed to list the containers of the engine; retrying', { error: errorMessage(error) });
    context.tellSelfAfter(1000, { type: 'engine-back' });
  }
}
