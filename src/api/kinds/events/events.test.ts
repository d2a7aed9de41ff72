import test from 'ava';
import type { JsonObject } from '../../object.ts';
import { findResource } from '../../schema/index.ts';
import { behaviourOf } from '../index.ts';
import { type Change, object, type Refusal } from '../objects.fixture.ts';
import { created, rowOf, updated } from '../testing/checked.ts';

const event = object('events.k8s.io/v1', 'Event', {
  metadata: { namespace: 'default' },
  eventTime: '2024-01-01T00:00:00.000001Z',
  note: 'hello',
  reason: 'R',
  action: 'A',
  type: 'Normal',
  reportingController: 'c',
  reportingInstance: 'i',
});

const refusals: readonly Refusal[] = [
  [
    'a new event without a time',
    object('events.k8s.io/v1', 'Event', { regarding: { namespace: 'n' }, type: 'Normal' }),
    ['eventTime: Required value'],
  ],
];

for (const [what, body, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(body).errors, [...expected].sort());
  });
}

/** Upstream checks some kinds more than once at an update, and so says the same more than once. */
const changes: readonly Change[] = [
  [
    'the reason of an event',
    event,
    { reason: 'S', note: 'other' },
    [
      'message: Invalid value: "other": field is immutable',
      ...(Array(2).fill('reason: Invalid value: "S": field is immutable') as string[]),
    ],
  ],
];

for (const [what, body, fields, expected] of changes) {
  test(`changed, ${what}`, (t) => {
    const { errors } = updated(created(body).object, (next) => {
      Object.assign(next, fields);
    });
    t.deepEqual([...errors].sort(), [...expected].sort());
  });
}

test('an event of either group is the same stored event', (t) => {
  const { object: event } = created(
    object('events.k8s.io/v1', 'Event', {
      eventTime: '2024-01-01T00:00:00.000001Z',
      regarding: { kind: 'Pod', name: 'p', namespace: 'n' },
      note: 'hello',
      reason: 'R',
      action: 'A',
      type: 'Normal',
      reportingController: 'c',
      reportingInstance: 'i',
    }),
  );
  const behaviour = behaviourOf({ ...findResource('events.k8s.io', 'v1', 'events')! });
  const stored = behaviour.toStorage?.({ ...event }) ?? {};
  t.like(stored, { apiVersion: 'v1', involvedObject: { name: 'p' }, message: 'hello', reportingComponent: 'c' });
  t.deepEqual(behaviour.fromStorage?.(stored), { ...event } as JsonObject);
  t.deepEqual(rowOf(event), ['60m', 'Normal', 'R', 'pod/p', '', 'c, i', 'hello', '60m', 1, 'x']);
});
