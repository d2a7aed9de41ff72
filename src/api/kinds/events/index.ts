/**
 * Events, which two groups serve: core/v1, in whose form they are stored, and events.k8s.io/v1, which names some fields
 * differently and checks more.
 */
import type { Event, Sent } from '../../objects/index.ts';
import { ageText, nameIsDnsSubdomain, nameIsPathSegment } from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour, TableCell, TableColumn } from '../behaviour.ts';
import { column } from '../columns.ts';
import { strategy } from '../strategy.ts';
import { validateEvent, validateEventUpdate } from './event-validation.ts';
import { coreEventOf, versionedEventOf } from './event-version.ts';

const columns: readonly TableColumn[] = [
  column('Last Seen', 'Time since the last occurrence.'),
  column('Type', 'Type of the event: Normal or Warning.'),
  column('Reason', 'Reason for the event, in one word.'),
  column('Object', 'Object that the event is about.'),
  column('Subobject', 'Part of the object that the event is about.', { priority: 1 }),
  column('Source', 'Component that reported the event.', { priority: 1 }),
  column('Message', 'Description of the event.'),
  column('First Seen', 'Time since the first occurrence.', { priority: 1 }),
  column('Count', 'Number of occurrences.', { priority: 1 }),
  column('Name', 'Name of the event.', { format: 'name', priority: 1 }),
];

const isTime = (text: string | null | undefined): text is string => text !== undefined && text !== null && text !== '';

function times(event: Sent<Event>, now: number): { readonly first: string; readonly last: string } {
  const first = ageText(isTime(event.firstTimestamp) ? event.firstTimestamp : event.eventTime, now);
  if (event.series !== undefined) return { first, last: ageText(event.series.lastObservedTime, now) };
  return { first, last: isTime(event.lastTimestamp) ? ageText(event.lastTimestamp, now) : first };
}

function row(event: Sent<Event>, now: number): readonly TableCell[] {
  const { first, last } = times(event, now);
  const kind = (event.involvedObject?.kind ?? '').toLowerCase();
  const name = event.involvedObject?.name ?? '';
  const component = event.source?.component || event.reportingComponent || '';
  const host = event.source?.host || event.reportingInstance || '';
  return [
    last,
    event.type ?? '',
    event.reason ?? '',
    name === '' ? kind : `${kind}/${name}`,
    event.involvedObject?.fieldPath ?? '',
    host === '' ? component : `${component}, ${host}`,
    (event.message ?? '').trim(),
    first,
    event.series?.count ?? (event.count || 1),
    event.metadata?.name ?? '',
  ];
}

function selectableFields(event: Sent<Event>): Record<string, string> {
  const about = event.involvedObject ?? {};
  const source = event.source?.component || event.reportingComponent || '';
  return {
    'involvedObject.kind': about.kind ?? '',
    'involvedObject.namespace': about.namespace ?? '',
    'involvedObject.name': about.name ?? '',
    'involvedObject.uid': about.uid ?? '',
    'involvedObject.apiVersion': about.apiVersion ?? '',
    'involvedObject.resourceVersion': about.resourceVersion ?? '',
    'involvedObject.fieldPath': about.fieldPath ?? '',
    reason: event.reason ?? '',
    reportingComponent: event.reportingComponent ?? '',
    source,
    type: event.type ?? '',
  };
}

const eventOf = (object: object): Sent<Event> => object as Sent<Event>;
const stored = (object: KubeObject): Sent<Event> => eventOf(coreEventOf(object));

/** The stored fields under the names of events.k8s.io. */
function versionedFields(event: Sent<Event>): Record<string, string> {
  const renamed = Object.entries(selectableFields(event)).map(([field, value]) => {
    if (field === 'reportingComponent') return ['reportingController', value];
    return [field.replace(/^involvedObject\./, 'regarding.'), value];
  });
  return Object.fromEntries(renamed) as Record<string, string>;
}

/** Events expire, and nothing depends on them. */
const eventLife = { expires: true, defaultPropagation: 'None' } as const;

export const coreEventBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: false }),
  ...eventLife,
  validate: (object) => validateEvent(eventOf(object), { versioned: false }),
  validateUpdate: (object, old) => validateEventUpdate(eventOf(object), eventOf(old), { versioned: false }),
  selectableFields: (object) => selectableFields(eventOf(object)),
  columns,
  row: (object, now) => row(eventOf(object), now),
  nameCheck: (name, prefix = false) => nameIsPathSegment(name, prefix),
  metadataChecks: { changes: 0, wholes: 0 },
  plainFinalizers: true,
  allowCreateOnUpdate: true,
};

export const eventsBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'events.k8s.io/events': {
    ...strategy({ generation: false, status: false }),
    ...eventLife,
    validate: (object) => validateEvent(stored(object), { versioned: true }),
    validateUpdate: (object, old) => validateEventUpdate(stored(object), stored(old), { versioned: true }),
    selectableFields: (object) => versionedFields(stored(object)),
    columns,
    row: (object, now) => row(stored(object), now),
    nameCheck: (name, prefix = false) => nameIsDnsSubdomain(name, prefix),
    metadataChecks: { changes: 1, wholes: 0 },
    allowCreateOnUpdate: true,
    toStorage: coreEventOf,
    fromStorage: versionedEventOf,
  },
};
