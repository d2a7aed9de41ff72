import test from 'ava';
import fc from 'fast-check';
import { applyServerSide, updateManagedFields, keepManagedTimes } from './index.ts';
import type { JsonObject, KubeObject } from '../object.ts';
import type { ManagedFieldsEntry } from '../objects/generated/meta-v1.ts';

interface Wish {
  readonly live?: KubeObject | undefined;
  readonly manager?: string;
  readonly force?: boolean;
  readonly now?: number;
}

function applied(config: JsonObject, wish: Wish = {}): KubeObject {
  const kind = config['kind'] as string;
  const type = kind === 'Deployment' ? 'apps/v1.Deployment' : `core/v1.${kind}`;
  const { object } = applyServerSide({
    live: wish.live,
    config,
    type,
    manager: wish.manager ?? 'one',
    force: wish.force ?? false,
    now: wish.now ?? 0,
    subresource: '',
    apiVersion: config['apiVersion'] as string,
  });
  return object as unknown as KubeObject;
}

const configMap = (data: unknown): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x' },
  data,
});
const owners = (object: KubeObject): Record<string, unknown> =>
  Object.fromEntries(
    (object.metadata.managedFields ?? []).map((entry) => [`${entry.operation} ${entry.manager ?? ''}`, entry.fieldsV1]),
  );

function updated(before: KubeObject | undefined, after: unknown, manager = 'editor'): readonly ManagedFieldsEntry[] {
  return updateManagedFields({
    before,
    after: after as JsonObject,
    type: 'core/v1.ConfigMap',
    manager,
    now: 1000,
    subresource: '',
    apiVersion: 'v1',
  });
}

test('managers share an object field by field', (t) => {
  const one = applied(configMap({ a: '1', b: '2' }));
  const two = applied(configMap({ c: '3', a: '1' }), { live: one, manager: 'two' });
  t.deepEqual(two['data'], { a: '1', b: '2', c: '3' });
  t.deepEqual(owners(two), {
    'Apply one': { 'f:data': { 'f:a': {}, 'f:b': {} } },
    'Apply two': { 'f:data': { 'f:a': {}, 'f:c': {} } },
  });
});

test('a field that another manager owns with another value is a conflict, unless forced', (t) => {
  const one = applied(configMap({ a: '1', b: '2' }));
  const error = t.throws(() => applied(configMap({ a: 'x' }), { live: one, manager: 'two' }));
  t.like(error, {
    message: 'Apply failed with 1 conflict: conflict with "one": .data.a',
    code: 409,
    details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' }] },
  });
  const forced = applied(configMap({ a: 'x' }), { live: one, manager: 'two', force: true });
  t.deepEqual(owners(forced), { 'Apply one': { 'f:data': { 'f:b': {} } }, 'Apply two': { 'f:data': { 'f:a': {} } } });
});

test('what a manager no longer applies goes, unless somebody else owns it', (t) => {
  const one = applied(configMap({ a: '1', b: '2' }));
  const two = applied(configMap({ b: '2' }), { live: one, manager: 'two' });
  const less = applied(configMap({}), { live: two });
  t.deepEqual(less['data'], { b: '2' });
});

test('what an update changed is owned by its manager and lost to the others', (t) => {
  const one = applied(configMap({ a: '1', b: '2' }));
  const entries = updated(one, { ...one, data: { a: '9', c: '3' } });
  t.deepEqual(
    entries.map(({ manager, operation, fieldsV1 }) => [manager, operation, fieldsV1]),
    [['editor', 'Update', { 'f:data': { 'f:a': {}, 'f:c': {} } }]],
  );
  t.is(entries[0]?.time, '1970-01-01T00:00:01Z');
});

test('a write that changes nothing leaves the entries as they are', (t) => {
  const one = applied(configMap({ a: '1' }));
  t.deepEqual(updated(one, { ...one }), [...(one.metadata.managedFields ?? [])]);
});

test('the creator owns all that it set, and new maps with it', (t) => {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x', labels: { l: '1' }, creationTimestamp: null },
    data: { a: '1' },
  };
  t.deepEqual(updated(undefined, object)[0]?.fieldsV1, {
    'f:metadata': { 'f:labels': { '.': {}, 'f:l': {} } },
    'f:data': { '.': {}, 'f:a': {} },
  });
});

test('an object whose record was reset gets none by updates, and one for its past at the next apply', (t) => {
  const live = { ...configMap({ a: '1' }), metadata: { name: 'x', uid: 'u' } } as unknown as KubeObject;
  t.deepEqual(updated(live, configMap({ a: '2' })), []);
  t.deepEqual(
    updated(applied(configMap({ a: '1' })), { ...configMap({ a: '1' }), metadata: { managedFields: [{}] } }),
    [],
  );
  t.deepEqual(owners(applied(configMap({ b: '1' }), { live })), {
    'Apply one': { 'f:data': { 'f:b': {} } },
    'Update before-first-apply': { 'f:data': { '.': {}, 'f:a': {} } },
  });
});

const deployment = (containers: unknown): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: { template: { spec: { containers } } },
});
const names = (object: KubeObject): string[] =>
  (object.spec as { template: { spec: { containers: { name: string }[] } } }).template.spec.containers.map(
    ({ name }) => name,
  );

test('lists with keys keep the items of all managers, in the order of the last one', (t) => {
  const one = applied(deployment([{ name: 'a' }, { name: 'b' }]));
  const two = applied(deployment([{ name: 'c' }, { name: 'a', image: 'i' }]), { live: one, manager: 'two' });
  t.deepEqual(names(two), ['c', 'a', 'b']);
  t.deepEqual(names(applied(deployment([{ name: 'a' }]), { live: two })), ['c', 'a']);
});

test('a configuration that is not of its type is refused', (t) => {
  const message = (config: JsonObject): string => t.throws(() => applied(config)).message;
  t.is(
    message(configMap([])),
    'failed to create typed patch object (/x; /v1, Kind=ConfigMap): .data: expected map, got &{[]}',
  );
  t.is(
    message({ ...configMap({}), extra: 1 }),
    'failed to create typed patch object (/x; /v1, Kind=ConfigMap): .extra: field not declared in schema',
  );
  t.is(
    message(deployment([{ name: 'q' }, { name: 'q' }])),
    'failed to create typed patch object (/d; apps/v1, Kind=Deployment): .spec.template.spec.containers: ' +
      'duplicate entries for key [name="q"]',
  );
});

test('kubectl may take over what its client-side apply set', (t) => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
  const before = {
    ...configMap({ a: '1' }),
    metadata: { name: 'x', uid: 'u', annotations: { [annotation]: JSON.stringify(configMap({ a: '1' })) } },
  };
  const live = {
    ...before,
    metadata: { ...before.metadata, managedFields: updated(undefined, before, 'kubectl-client-side-apply') },
  } as unknown as KubeObject;
  t.throws(() => applied(configMap({ a: '2' }), { live, manager: 'other' }), {
    message: /^Apply failed with 1 conflict/,
  });
  const next = applied(configMap({ a: '2' }), { live, manager: 'kubectl' });
  t.deepEqual(next['data'], { a: '2' });
  t.regex(next.metadata.annotations?.[annotation] ?? '', /"a":"2"/);
});

test('only the newest of many updating managers keep entries of their own', (t) => {
  let object = { ...configMap({}), metadata: { name: 'x' } } as unknown as KubeObject;
  for (let index = 0; index < 15; index++) {
    const after = { ...object, data: { ...(object['data'] as object), [`k${index}`]: 'v' } };
    const managedFields = updateManagedFields({
      before: index === 0 ? undefined : object,
      after,
      type: 'core/v1.ConfigMap',
      manager: `m${index}`,
      now: index * 1000,
      subresource: '',
      apiVersion: 'v1',
    });
    object = { ...after, metadata: { ...object.metadata, managedFields } };
  }
  t.is(object.metadata.managedFields?.length, 10);
  t.is(object.metadata.managedFields?.[0]?.manager, 'ancient-changes');
});

test('a write whose only difference is a time is none', (t) => {
  const old = applied(configMap({ a: '1' }));
  const again = applied(configMap({ a: '1' }), { live: old, now: 60_000 });
  t.notDeepEqual(again.metadata.managedFields, old.metadata.managedFields);
  keepManagedTimes(again as unknown as JsonObject, old);
  t.deepEqual(again.metadata.managedFields, old.metadata.managedFields);
});

test('applying is idempotent and gives the manager exactly what it wants', (t) => {
  const data = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2'));
  fc.assert(
    fc.property(data, data, data, (first, second, third) => {
      const one = applied(configMap(first));
      const two = applied(configMap(second), { live: one, manager: 'two', force: true });
      const again = applied(configMap(third), { live: two, force: true });
      t.deepEqual({ ...(again['data'] as object), ...third }, again['data'] ?? {});
      for (const key of Object.keys(again['data'] ?? {}))
        t.true(Object.hasOwn(third, key) || Object.hasOwn(second, key), key);
      t.deepEqual(applied(configMap(third), { live: again, force: true })['data'] ?? {}, again['data'] ?? {});
    }),
    { numRuns: 100 },
  );
});
