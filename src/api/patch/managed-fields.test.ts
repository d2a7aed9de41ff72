import test from 'ava';
import { atOnce } from '../../base/index.ts';
import fc from 'fast-check';
import type { JsonObject } from '../object.ts';
import { writeManagers } from './field-owners.ts';
import {
  managedFieldsSteps,
  managersAfter,
  type ManagedWrite,
  updateManagedFields,
  withoutManagedFields,
} from './managed-fields.ts';
import { deduced, zeroObject } from './merge-schema.ts';

const text = fc.constantFrom('', 'a', 'b');
const texts = fc.dictionary(fc.constantFrom('a', 'b', 'f:a', '.', 'metadata'), text, { maxKeys: 3 });
const metadata = fc.record(
  {
    name: text,
    namespace: text,
    uid: text,
    selfLink: text,
    generation: fc.nat(2),
    creationTimestamp: fc.constantFrom(null, '2026-01-01T00:00:00Z'),
    resourceVersion: text,
    labels: texts,
    annotations: texts,
    finalizers: fc.array(text, { maxLength: 2 }),
    managedFields: fc.constant([]),
    ownerReferences: fc.array(fc.record({ uid: text, name: text }), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const container = fc.record(
  {
    name: text,
    image: text,
    ports: fc.array(fc.record({ containerPort: fc.nat(2), protocol: text }), { maxLength: 2 }),
    env: fc.array(fc.record({ name: text, value: text }), { maxLength: 2 }),
  },
  { requiredKeys: ['name'] },
);
const spec = fc.record(
  {
    containers: fc.array(container, { maxLength: 2 }),
    nodeName: text,
    replicas: fc.nat(2),
    selector: texts,
    nodeSelector: texts,
    template: fc.record({ metadata, spec: fc.record({ containers: fc.array(container, { maxLength: 1 }) }) }),
  },
  { requiredKeys: [] },
);
const object = fc.record(
  {
    apiVersion: text,
    kind: text,
    metadata,
    spec,
    status: fc.record({ phase: text, replicas: fc.nat(2) }, { requiredKeys: [] }),
    data: texts,
    binaryData: texts,
    immutable: fc.boolean(),
    unknown: texts,
  },
  { requiredKeys: [] },
);

const kinds: readonly (Pick<ManagedWrite, 'type'> & Partial<ManagedWrite>)[] = [
  { type: 'core/v1.ConfigMap' },
  { type: 'core/v1.Pod' },
  { type: 'core/v1.Service' },
  { type: 'apps/v1.Deployment' },
  { type: 'custom', node: deduced },
  { type: 'custom', node: deduced, ignored: [['status'], ['metadata', 'labels'], ['spec', 'replicas']] },
];

test('property: the first manager of an object owns what the general comparison gives it', (t) => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), object, (kind, value) => {
      const write = { ...kind, manager: 'm', now: 1_000, subresource: '', apiVersion: 'v1' };
      const after = value as unknown as JsonObject;
      const general = atOnce(
        managersAfter([], { ...write, before: zeroObject(kind.type), after: withoutManagedFields(after) }),
      );
      t.deepEqual(updateManagedFields({ ...write, before: undefined, after }), writeManagers(general));
      t.deepEqual(updateManagedFields({ ...write, before: undefined, after, large: true }), writeManagers(general));
    }),
    { numRuns: 1_000 },
  );
});

test('property: comparing in steps finds what comparing in one go finds', (t) => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), object, object, (kind, one, other) => {
      const write = { ...kind, manager: 'm', now: 1_000, subresource: '', apiVersion: 'v1' };
      const [before, after] = [one as unknown as JsonObject, other as unknown as JsonObject];
      const stored = {
        ...before,
        metadata: {
          ...(before['metadata'] as object),
          managedFields: updateManagedFields({ ...write, before: undefined, after: before }),
        },
      };
      const update = { ...write, manager: 'n', before: stored as unknown as JsonObject, after };
      t.deepEqual(updateManagedFields({ ...update, large: true }), updateManagedFields(update));
    }),
    { numRuns: 1_000 },
  );
});

test('long lists are compared in steps, item by item', (t) => {
  const template = (first: number, count: number): JsonObject => ({
    apiVersion: 'v1',
    kind: 'PodTemplate',
    metadata: { name: 'a' },
    template: {
      spec: {
        containers: [
          { name: 'c', env: Array.from({ length: count }, (_, i) => ({ name: `E${first + i}`, value: `${count}` })) },
        ],
      },
    },
  });
  const write = { type: 'core/v1.PodTemplate', manager: 'm', now: 1_000, subresource: '', apiVersion: 'v1' };
  const before = template(0, 1_000);
  const managedFields = updateManagedFields({ ...write, before: undefined, after: before });
  const stored = { ...before, metadata: { name: 'a', managedFields } } as unknown as JsonObject;
  const update = { ...write, manager: 'n', before: stored, after: template(500, 1_001) };
  t.deepEqual(updateManagedFields({ ...update, large: true }), updateManagedFields(update));
  let steps = 0;
  for (const step = managedFieldsSteps({ ...update, large: true }); step.next().done !== true;) steps += 1;
  t.true(steps > 5);
});

test('the first manager owns neither what names the object nor what the server sets', (t) => {
  const after: JsonObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'n', namespace: 'ns', uid: 'u', labels: { a: '1' } },
    spec: { containers: [{ name: 'c', image: 'i' }] },
    status: { phase: 'Running' },
  };
  t.deepEqual(
    updateManagedFields({
      type: 'core/v1.Pod',
      before: undefined,
      after,
      manager: 'm',
      now: 0,
      subresource: '',
      apiVersion: 'v1',
    })[0]?.fieldsV1,
    {
      'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
      'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:name': {}, 'f:image': {} } } },
    },
  );
});

test('a record of owners that cannot be read is passed over', (t) => {
  const entry = { manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1' };
  const owners = (sent: readonly unknown[], stored: readonly unknown[] | undefined): unknown => {
    const configMap = (value: string, managedFields: readonly unknown[]): JsonObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'n', managedFields },
      data: { a: value },
    });
    const write = { type: 'core/v1.ConfigMap', manager: 'm', now: 0, subresource: '', apiVersion: 'v1' };
    const before = stored === undefined ? undefined : configMap('0', stored);
    return updateManagedFields({ ...write, before, after: configMap('1', sent) }).map(({ manager }) => manager);
  };
  const stored = [{ ...entry, manager: 'old', fieldsV1: { 'f:metadata': { 'f:labels': {} } } }];
  t.deepEqual(owners([{ ...entry, fieldsV1: { 'f:metadata': { 'f:labels': {} } } }], stored), ['m', 'x']);
  const unreadable: readonly object[] = [
    { ...entry, operation: 'Create' },
    { ...entry, apiVersion: '' },
    { ...entry, fieldsType: '' },
    { ...entry, fieldsV1: { bad: {} } },
    { ...entry, fieldsV1: { f: {} } },
    { ...entry, fieldsV1: { 'f:metadata': 1 } },
    { ...entry, fieldsV1: { 'f:metadata': null } },
    { ...entry, fieldsV1: { 'f:metadata': { 'i:x': {} } } },
    { ...entry, fieldsV1: { 'f:metadata': { 'f:finalizers': { 'v:"a" "b"': {} } } } },
    { ...entry, fieldsV1: { 'f:metadata': { 'f:ownerReferences': { 'k:{"uid":"a"} {}': {} } } } },
    { ...entry, fieldsV1: { 'f:metadata': { 'f:ownerReferences': { 'k:[]': {} } } } },
  ];
  for (const sent of unreadable) {
    t.deepEqual(owners([sent], stored), ['m', 'old'], JSON.stringify(sent));
    t.deepEqual(owners([sent], []), [], JSON.stringify(sent));
    t.deepEqual(owners([sent], undefined), ['m'], JSON.stringify(sent));
  }
});
