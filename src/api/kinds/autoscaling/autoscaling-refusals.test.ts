import test from 'ava';
import type { JsonObject } from '../../object.ts';
import { findResource } from '../../schema/index.ts';
import { behaviourOf } from '../index.ts';
import { object, type Refusal } from '../objects.fixture.ts';
import { created, rowOf, updated } from '../testing/checked.ts';

const refusals: readonly Refusal[] = [
  [
    'an autoscaler with its ends crossed',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: { minReplicas: 4, maxReplicas: 2, scaleTargetRef: { kind: 'Deployment', name: 'd' } },
    }),
    ['spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`'],
  ],
  [
    'an autoscaler by a metric of an unknown type',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: { maxReplicas: 2, scaleTargetRef: { kind: 'Deployment', name: 'd' }, metrics: [{ type: 'X' }] },
    }),
    Array(2).fill(
      'spec.metrics[0].type: Unsupported value: "X": supported values: "ContainerResource", "External", ' +
        '"Object", "Pods", "Resource"',
    ) as string[],
  ],
  [
    'an autoscaler by a metric of pods without a good target',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: {
        maxReplicas: 2,
        scaleTargetRef: { kind: 'Deployment', name: 'd' },
        metrics: [{ type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'Some', averageValue: '-1' } } }],
      },
    }),
    [
      'spec.metrics[0].pods.target.type: Invalid value: "Some": must be either Utilization, Value, or AverageValue',
      'spec.metrics[0].pods.target.averageValue: Invalid value: {"quantity":"-1"}: must be positive',
    ],
  ],
  [
    'an autoscaler by a metric of another type than its source',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: {
        maxReplicas: 2,
        scaleTargetRef: { kind: 'Deployment', name: 'd' },
        metrics: [
          {
            type: 'Pods',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 5 } },
            external: { metric: { name: 'm' }, target: { type: 'Value', value: '1' } },
          },
        ],
      },
    }),
    [
      'spec.metrics[0].pods: Required value: must populate information for the given metric source',
      'spec.metrics[0].external: Forbidden: must populate the given metric source only',
      'spec.metrics[0].resource: Forbidden: must populate the given metric source only',
    ],
  ],
  [
    'an autoscaler by a metric of an object without a target',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: {
        maxReplicas: 2,
        scaleTargetRef: { kind: 'Deployment', name: 'd' },
        metrics: [
          {
            type: 'Object',
            object: { describedObject: { kind: 'Ingress', name: 'i' }, metric: {}, target: { type: 'Value' } },
          },
        ],
      },
    }),
    [
      'spec.metrics[0].object.metric.name: Required value: must specify a metric name',
      'spec.metrics[0].object.target.averageValue: Required value: must set either a target value or averageValue',
    ],
  ],
  [
    'an autoscaler by what no container has',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: {
        maxReplicas: 2,
        scaleTargetRef: { kind: 'Deployment', name: 'd' },
        metrics: [
          {
            type: 'ContainerResource',
            containerResource: { name: 'pods', container: 'A', target: { type: 'Utilization', averageUtilization: 5 } },
          },
        ],
      },
    }),
    [
      'spec.metrics[0].containerResource.container: Invalid value: "A": a lowercase RFC 1123 label must ' +
        "consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric " +
        "character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      'spec.metrics[0].containerResource.name: Invalid value: "pods": must be a standard resource for containers',
    ],
  ],
  [
    'an autoscaler down to nothing by what its pods use',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: { minReplicas: 0, maxReplicas: 2, scaleTargetRef: { kind: 'Deployment', name: 'd' } },
    }),
    [
      'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero ' +
        'replicas',
    ],
  ],
];

for (const [what, body, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(body).errors, [...expected].sort());
  });
}

test('an autoscaler survives the way through its old version', (t) => {
  const { object: autoscaler } = created(
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { kind: 'Deployment', name: 'd' },
        behavior: { scaleDown: { stabilizationWindowSeconds: 5 } },
        metrics: [
          { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } },
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
        ],
      },
    }),
  );
  const old = behaviourOf(findResource('autoscaling', 'v1', 'horizontalpodautoscalers')!);
  const first = old.fromStorage?.({ ...autoscaler }) ?? {};
  t.is((first['spec'] as JsonObject)['targetCPUUtilizationPercentage'], 50);
  t.deepEqual(old.toStorage?.(first)['spec'], autoscaler.spec);
  t.deepEqual(rowOf(autoscaler).slice(1, 6), ['Deployment/d', 'memory: <unknown>/1Gi, cpu: <unknown>/50%', '1', 3, 0]);
});

test('the status of an autoscaler counts no fewer than no replicas', (t) => {
  const old = created(
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: { maxReplicas: 2, scaleTargetRef: { kind: 'Deployment', name: 'd' } },
    }),
  ).object;
  const errors = (currentReplicas: number): readonly string[] =>
    updated(
      old,
      (next) => {
        next['status'] = { currentReplicas, desiredReplicas: 1 };
      },
      'status',
    ).errors;
  t.deepEqual(errors(0), []);
  t.deepEqual(errors(-1), ['status.currentReplicas: Invalid value: -1: must be greater than or equal to 0']);
});
