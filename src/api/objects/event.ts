/** Events (core/v1) as components write them. */
import { timeText } from '../machinery/index.ts';
import type { KubeObject } from '../object.ts';
import type { Event, ObjectReference } from './generated/core-v1.ts';
import type { New } from './views.ts';

/** The longest message that an Event may carry, in characters. */
const messageMax = 1024;

interface EventReport {
  /** Where Events about the object are kept: its namespace, or `default` for an object without one. */
  readonly namespace: string;
  readonly name: string;
  readonly about: New<ObjectReference>;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** Cut where it is too long. */
  readonly message: string;
  /** Wall-clock ms. */
  readonly at: number;
  readonly component: string;
  /** The node that reports it; absent: a component of the control plane. */
  readonly host?: string | undefined;
}

/** The first Event of its kind; later ones raise `count` and `lastTimestamp`. */
export function newEvent({ namespace, name, component, host, ...report }: EventReport): New<Event> {
  const at = timeText(report.at);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: report.about,
    reason: report.reason,
    message: report.message.slice(0, messageMax),
    type: report.type,
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
    eventTime: null,
    source: { component, host },
    reportingComponent: component,
    reportingInstance: host ?? '',
  };
}

/** What an Event says that it is about. */
export function referenceTo({ apiVersion, kind, metadata }: KubeObject, fieldPath?: string): New<ObjectReference> {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { apiVersion, kind, namespace, name, uid, resourceVersion, fieldPath };
}
