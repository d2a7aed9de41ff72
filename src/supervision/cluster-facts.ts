/** What the API says of pods and nodes, kept for alerts. */
import { resources } from '../api/index.ts';
import type { ObjectChange, ResourceView } from '../resources/index.ts';
import type { ClusterFacts } from './alerts.ts';
import type { TimelineEvent } from './frame.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string | undefined;
}
interface Meta {
  readonly name: string;
  readonly namespace?: string | undefined;
}
interface PodLike {
  readonly metadata: Meta;
  readonly status?: {
    readonly containerStatuses?: readonly { readonly state?: { readonly waiting?: { readonly reason?: string } } }[];
  };
}
interface NodeLike {
  readonly metadata: Meta;
  readonly status?: { readonly conditions?: readonly Condition[] };
}
interface EventLike {
  readonly metadata: Meta;
  readonly type?: string | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly note?: string | undefined;
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
}

const loopReasons = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'CreateContainerConfigError',
  'RunContainerError',
]);
const { pods } = resources;
const { nodes } = resources;
const watched = [pods, nodes, resources.events];

/** Keeps, by the view's changes, what alerts need to know of pods and nodes, and hands each Event to the time line. */
export class ClusterWatch implements ClusterFacts {
  readonly crashLooping = new Map<string, string>();
  readonly nodesNotReady = new Set<string>();
  readonly nodesUnderPressure = new Map<string, string>();
  readonly close: () => void;

  constructor(view: ResourceView, note: (event: Omit<TimelineEvent, 'at'>) => void) {
    for (const pod of view.facts<PodLike>(pods)) if (pod.mentions('"waiting"')) this.#pod(pod.object());
    for (const node of view.list<NodeLike>(nodes)) this.#node(node);
    this.close = view.onChange((change) => {
      this.#changed(change, note);
    }, watched);
  }

  #changed(change: ObjectChange, note: (event: Omit<TimelineEvent, 'at'>) => void): void {
    const { type, resource, object } = change;
    if (resource.resource === 'pods') {
      if (type === 'put') this.#pod(object as unknown as PodLike);
      else this.crashLooping.delete(keyOf(object as unknown as PodLike));
    } else if (resource.resource === 'nodes') {
      this.#forgetNode(object.metadata.name ?? '');
      if (type === 'put') this.#node(object as unknown as NodeLike);
    } else if (resource.resource === 'events' && type === 'put') note(eventNote(object as unknown as EventLike));
  }

  #pod(pod: PodLike): void {
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

  #node({ metadata: { name }, status }: NodeLike): void {
    const conditions = status?.conditions ?? [];
    if (!conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True'))
      this.nodesNotReady.add(name);
    const pressure = conditions.filter(({ type, status: value }) => type.endsWith('Pressure') && value === 'True');
    if (pressure.length > 0)
      this.nodesUnderPressure.set(name, pressure.map(({ type, message }) => `${type}: ${message ?? ''}`).join('; '));
  }
}

const keyOf = ({ metadata }: PodLike): string => `${metadata.namespace ?? ''}/${metadata.name}`;

function eventNote({ metadata, type, reason, message, note, involvedObject }: EventLike): Omit<TimelineEvent, 'at'> {
  return {
    type: 'event',
    severity: type === 'Warning' ? 'warning' : 'info',
    title: `${reason ?? 'Event'}: ${involvedObject?.kind ?? ''} ${involvedObject?.name ?? metadata.name}`,
    detail: message ?? note ?? '',
    namespace: metadata.namespace ?? 'default',
  };
}
