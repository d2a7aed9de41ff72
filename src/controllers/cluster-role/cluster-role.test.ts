import test from 'ava';
import type { ClusterRole } from '../../api/index.ts';
import { aggregatedRules, planRole } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

const role = (name: string, labels: Record<string, string>, rules: readonly string[]): ClusterRole =>
  stored<ClusterRole>({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, uid: name, labels },
    rules: rules.map((verb) => ({ verbs: [verb] })),
  });
const whole = { ...role('z', {}, []), aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: 'yes' } }] } };
const part = role('a', { part: 'yes' }, ['get']);

test('an aggregated role has the rules of the roles that its selectors choose, each once', (t) => {
  t.deepEqual(
    aggregatedRules(whole, [
      role('b', { part: 'yes' }, ['list', 'get']),
      role('a', { part: 'yes' }, ['get']),
      role('c', {}, ['watch']),
      whole,
    ]),
    [{ verbs: ['get'] }, { verbs: ['list'] }],
  );
});

test('only an aggregated role with other rules is written, and one without parts loses its rules', (t) => {
  t.deepEqual(planRole(whole, [part, whole])?.rules, [{ verbs: ['get'] }]);
  t.is(planRole({ ...whole, rules: part.rules ?? [] }, [part]), undefined);
  t.is(planRole({ ...whole, rules: part.rules ?? [] }, [])?.rules, null);
  t.is(planRole(part, [part]), undefined);
  t.is(planRole({ ...whole, metadata: { ...whole.metadata, deletionTimestamp: 'now' } }, [part]), undefined);
});
