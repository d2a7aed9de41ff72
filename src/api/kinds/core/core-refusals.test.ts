import test from 'ava';
import type { JsonObject } from '../../object.ts';
import { object, type Refusal } from '../objects.fixture.ts';
import { created, updated } from '../testing/checked.ts';

const refusals: readonly Refusal[] = [
  [
    'an event about another namespace',
    object('v1', 'Event', { involvedObject: { namespace: 'm' } }),
    ['involvedObject.namespace: Invalid value: "m": does not match event.namespace'],
  ],
  [
    'a claim for two sources',
    object('v1', 'PersistentVolumeClaim', {
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
        dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
        dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' },
      },
    }),
    ['spec: Invalid value: field.Path{name:"dataSource"}: must match dataSourceRef'],
  ],
];

for (const [what, body, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(body).errors, [...expected].sort());
  });
}

test(
  'a claim names nothing of another namespace, the old way alone nothing but claims and snapshots, and one ' +
    'source in both ways',
  (t) => {
    const claim = (sources: object): unknown =>
      created(
        object('v1', 'PersistentVolumeClaim', {
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...sources },
        }),
      );
    const plain = {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      volumeMode: 'Filesystem',
    };
    t.like(claim({ dataSource: { kind: '', name: '' }, dataSourceRef: { kind: 'Pod', name: 'p', namespace: 'm' } }), {
      errors: [],
      object: { spec: plain },
    });
    const widget = { kind: 'Widget', name: 'w', apiGroup: 'example.com' };
    t.like(claim({ dataSource: widget }), { errors: [], object: { spec: plain } });
    t.like(claim({ dataSourceRef: widget }), {
      errors: [],
      object: { spec: { ...plain, dataSource: widget, dataSourceRef: widget } },
    });
    t.like(claim({ dataSource: { ...widget, name: 'v' }, dataSourceRef: widget }), {
      errors: ['spec: Invalid value: field.Path{name:"dataSource"}: must match dataSourceRef'],
    });
  },
);

test('the status of a claim tells of storage and of states that there are', (t) => {
  const old = created(
    object('v1', 'PersistentVolumeClaim', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }),
  ).object;
  const errors = (status: JsonObject): readonly string[] =>
    updated(
      old,
      (next) => {
        next['status'] = { phase: 'Pending', ...status };
      },
      'status',
    ).errors;
  t.deepEqual(
    errors({
      allocatedResources: { storage: '2Gi' },
      allocatedResourceStatuses: { storage: 'NodeResizePending', 'example.com/blocks': 'NodeResizeInProgress' },
    }),
    [],
  );
  t.deepEqual(errors({ allocatedResources: { cpu: '1' }, allocatedResourceStatuses: { storage: 'Soon' } }), [
    'status.allocatedResourceStatus: Unsupported value: "storage": supported values: ' +
      '"ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", ' +
      '"NodeResizeInfeasible", "NodeResizePending"',
    'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
  ]);
});
