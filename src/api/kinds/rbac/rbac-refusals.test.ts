import test from 'ava';
import { object, type Refusal } from '../objects.fixture.ts';
import { created } from '../testing/checked.ts';

const refusals: readonly Refusal[] = [
  [
    'a role of roles by a selector that cannot be read',
    object('rbac.authorization.k8s.io/v1', 'ClusterRole', {
      aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: 'a', operator: 'In' }] }] },
    }),
    [
      'aggregationRule.clusterRoleSelectors[0].matchExpressions[0].values: Required value: must be specified ' +
        "when `operator` is 'In' or 'NotIn'",
      'aggregationRule.clusterRoleSelectors[0]: Invalid value: {"matchExpressions":[{"key":"a",' +
        '"operator":"In"}]}: invalid label selector.',
    ],
  ],
];

for (const [what, body, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(body).errors, [...expected].sort());
  });
}
