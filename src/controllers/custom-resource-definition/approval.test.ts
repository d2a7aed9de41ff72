import test from 'ava';
import { approvalCondition } from './approval.ts';

const conditionOf = (group: string, approval?: string): string | undefined => {
  const annotations = approval === undefined ? {} : { annotations: { 'api-approved.kubernetes.io': approval } };
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'd', ...annotations },
    spec: { group },
  };
  const condition = approvalCondition(definition as never);
  return condition === undefined
    ? undefined
    : `${condition.status} ${condition.reason ?? ''}: ${condition.message ?? ''}`;
};

test('definitions of community groups tell whether they were approved', (t) => {
  t.is(conditionOf('example.com', 'anything'), undefined);
  t.is(
    conditionOf('x.k8s.io', 'https://github.com/kubernetes/kubernetes/pull/1'),
    'True ApprovedAnnotation: approved in https://github.com/kubernetes/kubernetes/pull/1',
  );
  t.is(
    conditionOf('kubernetes.io', 'unapproved, experimental'),
    'False UnapprovedAnnotation: not approved: "unapproved, experimental"',
  );
  t.is(
    conditionOf('x.k8s.io'),
    'False MissingAnnotation: protected groups must have approval annotation ' +
      '"api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
  );
  t.is(conditionOf('x.k8s.io', 'yes')?.startsWith('False InvalidAnnotation'), true);
});
