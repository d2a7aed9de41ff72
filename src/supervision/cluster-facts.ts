/** What the API says of pods and nodes, kept for alerts. */
import { isNodeReady, type Event, type Node, type Pod, resources } from '../api/index.ts';
import type { ObjectChange, ResourceView } from '../resources/index.ts';
import type { ClusterFacts } from './alerts.ts';
import type { TimelineEvent } from './frame.ts';

const loopReasons = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'CreateContainerConfigError',
  'RunContainerError',
]);
const { pods, nodes, events } = resources;
const watched = [pods, nodes, events];

/** Keeps, by the view's changes, what alerts need to know of pods and nodes, and hands each Event to the time line. */
export class ClusterWatch implements ClusterFacts {
  readonly crashLooping = new Map<string, string>();
  readonly nodesNotReady = new Set<string>();
  readonly nodesUnderPressure = new Map<string, string>();
  readonly close: () => void;

  constructor(view: ResourceView, note: (event: Omit<TimelineEvent, 'at'>) => void) {
    for (const pod of view.facts<Pod>(pods)) if (pod.mentions('"waiting"')) this.#pod(pod.object());
    for (const node of view.list<Node>(nodes)) this.#node(node);
    this.close = view.onChange((change) => {
      this.#changed(change, note);
    }, watched);
  }

  #changed(change: ObjectChange, note: (event: Omit<TimelineEvent, 'at'>) => void): void {
    const { type, resource } = change;
    if (resource.resource === 'pods') {
      // Most pods wait for nothing: they need not be parsed.
      if (type === 'put' && change.facts?.object.mentions('"waiting"') !== false) this.#pod(change.object as Pod);
      else this.crashLooping.delete(keyOfPod(change));
    } else if (resource.resource === 'nodes') {
      this.#forgetNode(change.object.metadata.name ?? '');
      if (type === 'put') this.#node(change.object as Node);
    } else if (resource.resource === 'events' && type === 'put') note(eventNote(change.object as AnyEvent));
  }

  #pod(pod: Pod): void {
    const why = pod.status?.containerStatuses
      ?.map((status) => status.state?.waiting?.reason ?? '')
      .find((reason) => loopReasons.has(reason));
    if (why === undefined) this.crashLooping.delete(keyOf(pod));
    else this.crashLooping.set(keyOf(pod), why);
  }

  #forgetNode(name: string): void {
    this.nodesNotReady.delete(name);
    this.nodesUnderPressure.delete(name);
  }

  #node(node: Node): void {
    const { name } = node.metadata;
    if (!isNodeReady(node)) this.nodesNotReady.add(name);
    const conditions = node.status?.conditions ?? [];
    const pressure = conditions.filter(({ type, status: value }) => type.endsWith('Pressure') && value === 'True');
    if (pressure.length > 0)
      this.nodesUnderPressure.set(name, pressure.map(({ type, message }) => `${type}: ${message ?? ''}`).join('; '));
  }
}

function keyOfPod(change: ObjectChange): string {
  const { 'metadata.namespace': namespace = '', 'metadata.name': name } = change.facts?.object.index.fields ?? {};
  return name === undefined ? keyOf(change.object as Pod) : `${namespace}/${name}`;
}

const keyOf = ({ metadata }: Pod): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** Of either API: events.k8s.io calls the message a note. */
type AnyEvent = Event & { readonly note?: string | undefined };

function eventNote({ metadata, type, reason, message, note, involvedObject }: AnyEvent): Omit<TimelineEvent, 'at'> {
  return {
    type: 'event',
    severity: type === 'Warning' ? 'warning' : 'info',
    title: `${reason ?? 'Event'}: ${involvedObject?.kind ?? ''} ${involvedObject?.name ?? metadata.name}`,
    detail: message ?? note ?? '',
    namespace: metadata.namespace ?? 'default',
  };
}
