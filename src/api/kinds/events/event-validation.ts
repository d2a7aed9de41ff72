/** Validates Events of both groups. */

import type { Event, Sent } from '../../objects/index.ts';
import {
  byteLength,
  deepEqual,
  dns1123Subdomain,
  type FieldError,
  immutableField,
  invalid,
  qualifiedName,
  required,
} from '../../machinery/index.ts';
import { invalids } from '../checks.ts';

const fieldBytesMax = 128;
const noteBytesMax = 1024;

interface EventCheckOptions {
  /** The request is one of events.k8s.io: stricter, and with its own name for the reporting component. */
  readonly versioned: boolean;
}

const isTime = (text: string | null | undefined): boolean => text !== undefined && text !== null && text !== '';

function boundedErrors(path: string, value: string | undefined): FieldError[] {
  if (value === undefined || value === '') return [required(path)];
  return byteLength(value) > fieldBytesMax ? [invalid(path, '', `can have at most ${fieldBytesMax} characters`)] : [];
}

function reportedErrors(event: Sent<Event>, namespace: string, options: EventCheckOptions): FieldError[] {
  const path = options.versioned ? 'reportingController' : 'reportingComponent';
  const about = event.involvedObject?.namespace ?? '';
  const component = event.reportingComponent ?? '';
  const errors: FieldError[] = [];
  if (about === '' && namespace !== 'default' && namespace !== 'kube-system')
    errors.push(invalid('involvedObject.namespace', about, 'does not match event.namespace'));
  if (component === '') errors.push(required(path));
  errors.push(...invalids(path, component, qualifiedName(component)));
  errors.push(
    ...boundedErrors('reportingInstance', event.reportingInstance),
    ...boundedErrors('action', event.action),
    ...boundedErrors('reason', event.reason),
  );
  if (byteLength(event.message ?? '') > noteBytesMax)
    errors.push(invalid('message', '', `can have at most ${noteBytesMax} characters`));
  return errors;
}

/**
 * Checks for events of both groups. An event with an eventTime comes from a newer reporter, which must set more fields.
 */
function sharedErrors(event: Sent<Event>, options: EventCheckOptions): FieldError[] {
  const namespace = event.metadata?.namespace ?? '';
  const about = event.involvedObject?.namespace ?? '';
  const errors: FieldError[] = [];
  if (isTime(event.eventTime)) errors.push(...reportedErrors(event, namespace, options));
  else if (about === '' ? namespace !== '' && namespace !== 'default' : namespace !== about) {
    errors.push(invalid('involvedObject.namespace', about, 'does not match event.namespace'));
  }
  return [...errors, ...invalids('namespace', namespace, dns1123Subdomain(namespace))];
}

function seriesErrors(event: Sent<Event>): FieldError[] {
  const series = event.series;
  if (series === undefined) return [];
  return [
    ...((series.count ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
    ...(isTime(series.lastObservedTime) ? [] : [required('series.lastObservedTime')]),
  ];
}

/** Errors of a new event, given in its stored form. */
export function validateEvent(event: Sent<Event>, options: EventCheckOptions): FieldError[] {
  const errors = sharedErrors(event, options);
  if (!options.versioned) return errors;
  errors.push(...seriesErrors(event));
  if (!isTime(event.eventTime)) errors.push(required('eventTime'));
  const type = event.type ?? '';
  if (type !== 'Normal' && type !== 'Warning') errors.push(invalid('type', '', `has invalid value: ${type}`));
  const unset = 'needs to be unset';
  if (isTime(event.firstTimestamp)) errors.push(invalid('firstTimestamp', '', unset));
  if (isTime(event.lastTimestamp)) errors.push(invalid('lastTimestamp', '', unset));
  if ((event.count ?? 0) !== 0) errors.push(invalid('count', '', unset));
  if ((event.source?.component ?? '') !== '' || (event.source?.host ?? '') !== '')
    errors.push(invalid('source', '', unset));
  return errors;
}

/** Upstream looks at the reason twice. */
const fixed = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'reason',
  'type',
  'related',
  'reportingInstance',
  'action',
  'eventTime',
] as const;

/** Errors of a changed event, both given in their stored form: only its series goes on. */
export function validateEventUpdate(event: Sent<Event>, old: Sent<Event>, options: EventCheckOptions): FieldError[] {
  const errors = sharedErrors(event, options);
  if (!options.versioned) return errors;
  if (!deepEqual(event.series, old.series)) errors.push(...seriesErrors(event));
  return [
    ...errors,
    ...fixed.flatMap((field) => immutableField(event[field], old[field], field)),
    ...immutableField(event.reportingComponent, old.reportingComponent, 'reportingController'),
  ];
}
