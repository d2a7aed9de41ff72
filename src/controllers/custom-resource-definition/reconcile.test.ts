import test from 'ava';
import { collectionOf, type Definition, isEnding, planEnd, planNames } from './reconcile.ts';

const cleanup = 'customresourcecleanup.apiextensions.k8s.io';
const definition = (parts: { readonly metadata?: object; readonly status?: object } = {}): Definition =>
  ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'wheels.example.com', uid: 'd', finalizers: [cleanup, 'other'], ...parts.metadata },
    spec: { group: 'example.com', names: { plural: 'wheels', kind: 'Wheel' } },
    status: parts.status ?? {},
  }) as never;
const wheel = (deletionTimestamp?: string): Definition => definition({ metadata: { deletionTimestamp } });

test('a definition gets its names once', (t) => {
  const status = planNames(definition(), [definition()], 0);
  t.is(status?.acceptedNames?.plural, 'wheels');
  t.true(status?.conditions?.some(({ type, status: is }) => type === 'NamesAccepted' && is === 'True'));
  t.is(planNames(definition({ status: status ?? {} }), [definition()], 60_000), undefined);
});

test('a definition that is ending waits for its objects and then lets go of itself', (t) => {
  const busy = planEnd(definition(), [wheel(), wheel('now')], 0);
  t.like(busy, { type: 'empty', deleteObjects: true });
  t.like(busy.type === 'empty' && busy.status?.conditions?.[0], {
    type: 'Terminating',
    reason: 'InstanceDeletionInProgress',
    lastTransitionTime: '1970-01-01T00:00:00Z',
  });
  const told = definition({ status: busy.type === 'empty' ? (busy.status ?? {}) : {} });
  t.deepEqual(planEnd(told, [wheel('now')], 9_000), { type: 'empty', status: undefined, deleteObjects: false });
  const done = planEnd(told, [], 9_000);
  t.deepEqual(done.type === 'let-go' && done.definition.metadata.finalizers, ['other']);
});

test('a definition ends only while it holds itself, and its objects have the accepted names', (t) => {
  t.false(isEnding(definition()));
  t.true(isEnding(wheel('now')));
  t.false(isEnding(definition({ metadata: { deletionTimestamp: 'now', finalizers: ['other'] } })));
  t.deepEqual(collectionOf(definition()), { group: 'example.com', resource: 'wheels' });
  t.deepEqual(collectionOf(definition({ status: { acceptedNames: { plural: 'discs' } } })), {
    group: 'example.com',
    resource: 'discs',
  });
});
