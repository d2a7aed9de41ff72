import test from 'ava';
import { compareVersions, decideNames } from './index.ts';

test('versions: the stable ones first, then beta, then alpha, then others by name', (t) => {
  t.deepEqual(['foo', 'v1alpha1', 'v1', 'v2', 'v1beta2', 'v1beta10', 'bar'].sort(compareVersions), [
    'v2',
    'v1',
    'v1beta10',
    'v1beta2',
    'v1alpha1',
    'bar',
    'foo',
  ]);
});

test('a name that another definition of the group has is not accepted', (t) => {
  const definition = (name: string, kind: string): Parameters<typeof decideNames>[0] => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${name}.example.com` },
    spec: { group: 'example.com', names: { plural: name, singular: name, kind, listKind: `${kind}List` } },
  });
  const first = definition('widgets', 'Widget');
  const names = { plural: 'widgets', singular: 'widgets', kind: 'Widget', listKind: 'WidgetList' };
  const accepted = { ...first, status: { acceptedNames: names } };
  t.is(decideNames(first, [], 'now').conditions.find(({ type }) => type === 'NamesAccepted')?.status, 'True');
  const refused = decideNames(definition('gadgets', 'Widget'), [accepted], 'now').conditions.find(
    ({ type }) => type === 'NamesAccepted',
  );
  t.like(refused, { status: 'False', reason: 'ListKindConflict', message: '"WidgetList" is already in use' });
});
