/** Marks nodes that fall silent, taints nodes by their conditions, and takes the pods of lost nodes out of service. */
import { findCondition, type Node, parseTime, type Pod, resources } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isOf,
  keyOf,
  type ReconcileResult,
  refOf,
  performAll,
  stableText,
  unlessGone,
} from '../runtime/index.ts';
import { agedLabels, lostConditions, type NodeHealthOptions, type Plan, planNode } from './reconcile.ts';

const leaseNamespace = 'kube-node-lease';
/**
 * A look that comes this much later than planned means that this process stood still itself; nodes are then heard again
 * first.
 */
const ownPauseMs = 1_500;

/** Only a node this young counts as registered: after a restart all are seen for the first time. */
const newNodeMs = 60_000;

interface Heard {
  /** Monotonic ms of the last sign of life. */
  at: number;
  /** Monotonic ms of the next planned look. */
  lookAt: number | undefined;
  /** The sign of life that it was planned by. */
  plannedBy: number;
  /** Its lease was seen. */
  leased: boolean;
}

/** When this member last heard a node's agent, in monotonic ms, beside what its Lease and status show. */
type HeardAt = (node: string) => number | undefined;

interface Memory {
  readonly heardAt: HeardAt;
  readonly heard: Map<string, Heard>;
  /** The uids of the nodes that were seen, by name. */
  readonly registered: Map<string, string>;
  readonly options: NodeHealthOptions;
}

export function nodeLifecycleController(options: NodeHealthOptions, heardAt: HeardAt = () => undefined): Controller {
  const memory: Memory = { heardAt, heard: new Map(), registered: new Map(), options };
  return {
    name: 'node-controller',
    resource: resources.nodes,
    watches: [resources.leases, resources.nodes],
    reset: () => {
      memory.heard.clear();
    },
    keysFor: (change, ports) => keysFor(change, ports, memory.heard),
    postponeMs: (key, { clock }) => postponeMs(memory.heard.get(key), heardAt(key), clock.monotonic()),
    reconcile: (key, ports) => reconcile(key, ports, memory),
  };
}

const heartbeatOf = (node: Node | undefined): unknown =>
  (findCondition(node?.status?.conditions, 'Ready') as { readonly lastHeartbeatTime?: string } | undefined)
    ?.lastHeartbeatTime;

function keysFor(change: ObjectChange, ports: ControllerPorts, heard: Map<string, Heard>): readonly string[] {
  if (isOf(change, resources.leases)) {
    if (change.type !== 'put') return [];
    const { namespace, name } = nameOfChange(change);
    return namespace === leaseNamespace && hearLease(heard, name, ports) ? [name] : [];
  }
  if (!isOf(change, resources.nodes)) return [];
  const { object, previous, type } = change as ObjectChange<Node>;
  if (type === 'delete') {
    heard.delete(object.metadata.name);
    return [keyOf(object)];
  }
  if (heartbeatOf(object) !== heartbeatOf(previous)) hear(heard, object.metadata.name, ports);
  const facts = ({ metadata, spec, status }: Partial<Node> = {}): string =>
    stableText([
      agedLabels.map(({ label, formerly }) => [metadata?.labels?.[label], metadata?.labels?.[formerly]]),
      spec?.taints,
      spec?.unschedulable,
      status?.conditions?.map((condition) => [condition.type, condition.status]),
    ]);
  return previous !== undefined && facts(object) === facts(previous) ? [] : [keyOf(object)];
}

/** Leases are written all the time: none is parsed for its name. */
function nameOfChange(change: ObjectChange): { readonly namespace: string; readonly name: string } {
  const fields = change.facts?.object.index.fields;
  if (fields !== undefined)
    return { namespace: fields['metadata.namespace'] ?? '', name: fields['metadata.name'] ?? '' };
  const { namespace = '', name = '' } = change.object.metadata;
  return { namespace, name };
}

/**
 * A look would find that the node was heard since it was planned: it is due as much later. One that comes so late that
 * this process must have stood still is made.
 */
function postponeMs(entry: Heard | undefined, heardAt: number | undefined, now: number): number {
  if (entry?.lookAt === undefined || now - entry.lookAt > ownPauseMs) return 0;
  entry.at = Math.max(entry.at, heardAt ?? 0);
  const lookAt = entry.lookAt + entry.at - entry.plannedBy;
  if (lookAt <= now) return 0;
  entry.plannedBy = entry.at;
  entry.lookAt = lookAt;
  return lookAt - now;
}

/** A sign of life needs no look: the planned one finds it. */
function hear(heard: Map<string, Heard>, name: string, ports: ControllerPorts): Heard {
  const entry = heard.get(name) ?? { at: 0, lookAt: undefined, plannedBy: 0, leased: false };
  entry.at = ports.clock.monotonic();
  heard.set(name, entry);
  return entry;
}

/** True for a node's first lease: the look that was planned for a node without one would come too late. */
function hearLease(heard: Map<string, Heard>, name: string, ports: ControllerPorts): boolean {
  const entry = hear(heard, name, ports);
  const first = !entry.leased;
  entry.leased = true;
  return first;
}

/** Tells once of each node that came and that went. */
function tellMembership(
  key: string,
  node: Node | undefined,
  { ports, registered }: { readonly ports: ControllerPorts; readonly registered: Map<string, string> },
): void {
  const tell = (uid: string, reason: string, what: string): void => {
    ports.event(
      { apiVersion: 'v1', kind: 'Node', metadata: { name: key, uid } },
      'Normal',
      reason,
      `Node ${key} event: ${what}`,
    );
  };
  const known = registered.get(key);
  if (known === node?.metadata.uid) return;
  if (known !== undefined) tell(known, 'RemovingNode', `Removing Node ${key} from Controller`);
  registered.delete(key);
  if (node === undefined) return;
  registered.set(key, node.metadata.uid);
  if (ports.clock.now() - (parseTime(node.metadata.creationTimestamp) ?? 0) < newNodeMs)
    tell(node.metadata.uid, 'RegisteredNode', `Registered Node ${key} in Controller`);
}

async function reconcile(key: string, ports: ControllerPorts, memory: Memory): Promise<ReconcileResult | undefined> {
  const { heard, heardAt, options } = memory;
  const node = ports.view.get<Node>(resources.nodes, undefined, key);
  tellMembership(key, node, { ports, registered: memory.registered });
  if (node === undefined) {
    heard.delete(key);
    return undefined;
  }
  const monotonic = ports.clock.monotonic();
  const entry = heard.get(key) ?? { at: monotonic, lookAt: undefined, plannedBy: 0, leased: false };
  heard.set(key, entry);
  entry.at = Math.max(entry.at, heardAt(key) ?? 0);
  if (entry.lookAt !== undefined && monotonic - entry.lookAt > ownPauseMs)
    entry.at = Math.max(entry.at, monotonic - options.silentMs / 2);
  const plannedBy = entry.at;
  const hasLease = ports.view.get(resources.leases, leaseNamespace, key) !== undefined;
  const plan = planNode({ node, silentForMs: monotonic - entry.at, now: ports.clock.now(), hasLease, options });
  if (plan.conditions !== undefined) await writeConditions(node, plan.conditions, ports);
  if (plan.taints !== undefined || plan.labels !== undefined) await writeMarks(node, plan, ports);
  if (plan.lost) await markPods(node, ports);
  entry.lookAt = plan.requeueAfterMs === undefined ? undefined : monotonic + plan.requeueAfterMs;
  entry.plannedBy = plannedBy;
  return plan.requeueAfterMs === undefined ? undefined : { requeueAfterMs: plan.requeueAfterMs };
}

async function writeMarks(node: Node, { taints, labels }: Plan, ports: ControllerPorts): Promise<void> {
  const { uid, resourceVersion } = (ports.view.get<Node>(resources.nodes, undefined, node.metadata.name) ?? node)
    .metadata;
  const metadata = { uid, resourceVersion, labels };
  const spec = taints === undefined ? {} : { spec: { taints: taints.length === 0 ? null : taints } };
  await ports.client.patch(refOf(resources.nodes, node), { type: 'merge', body: { metadata, ...spec } });
}

async function writeConditions(
  node: Node,
  conditions: NonNullable<NonNullable<Node['status']>['conditions']>,
  ports: ControllerPorts,
): Promise<void> {
  await ports.client.update(
    refOf(resources.nodes, node),
    { ...node, status: { ...node.status, conditions } },
    { subresource: 'status' },
  );
  if (findCondition(conditions, 'Ready')?.status !== 'True')
    ports.event(node, 'Normal', 'NodeNotReady', `Node ${node.metadata.name} status is now: NodeNotReady`);
}

/** Pods of a lost node are not ready: Services stop sending to them at once. */
async function markPods(node: Node, ports: ControllerPorts): Promise<void> {
  const pods = ports.view.facts<Pod>(resources.pods, { field: { name: 'spec.nodeName', value: node.metadata.name } });
  await performAll(
    pods
      .filter((pod) => pod.mentions('"Ready"'))
      .map(async (facts) => {
        const pod = facts.object();
        const conditions = lostConditions(pod, ports.clock.now());
        if (conditions === undefined) return;
        ports.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
        await unlessGone(
          ports.client.update(
            refOf(resources.pods, pod),
            { ...pod, status: { ...pod.status, conditions } },
            { subresource: 'status' },
          ),
        );
      }),
  );
}
