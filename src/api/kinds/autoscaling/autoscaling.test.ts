import test from 'ava';
import type { JsonObject } from '../../object.ts';
import { created } from '../testing/checked.ts';
import { version1Of, version2Of } from './hpa-version.ts';

const prefix = 'autoscaling.alpha.kubernetes.io/';
const target = { scaleTargetRef: { kind: 'Deployment', name: 'd' }, maxReplicas: 3 };
const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } };
const autoscaler = (version: string, spec: object, metadata: object = {}, status: object = {}): JsonObject => ({
  apiVersion: `autoscaling/${version}`,
  kind: 'HorizontalPodAutoscaler',
  metadata,
  spec: { ...target, ...spec },
  status,
});
const annotationsOf = (object: JsonObject): JsonObject =>
  ((object['metadata'] as JsonObject)['annotations'] ?? {}) as JsonObject;

/** Metrics in v2, and what v1's annotation says of them. */
const metrics: readonly (readonly [metric: object, flat: object])[] = [
  [
    { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100Mi' } } },
    { type: 'Resource', resource: { name: 'memory', targetAverageValue: '100Mi' } },
  ],
  [
    {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 }, container: 'c' },
    },
    { type: 'ContainerResource', containerResource: { name: 'cpu', targetAverageUtilization: 60, container: 'c' } },
  ],
  [
    {
      type: 'Pods',
      pods: {
        metric: { name: 'hits', selector: { matchLabels: { a: 'b' } } },
        target: { type: 'AverageValue', averageValue: '5' },
      },
    },
    { type: 'Pods', pods: { metricName: 'hits', targetAverageValue: '5', selector: { matchLabels: { a: 'b' } } } },
  ],
  [
    {
      type: 'Object',
      object: {
        describedObject: { kind: 'Ingress', name: 'i', apiVersion: 'v1' },
        target: { type: 'Value', value: '2k' },
        metric: { name: 'rps' },
      },
    },
    {
      type: 'Object',
      object: { target: { kind: 'Ingress', name: 'i', apiVersion: 'v1' }, metricName: 'rps', targetValue: '2k' },
    },
  ],
  [
    { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '30' } } },
    { type: 'External', external: { metricName: 'queue', targetAverageValue: '30' } },
  ],
];
for (const [metric, flat] of metrics) {
  test(`a metric goes through v1 in an annotation: ${JSON.stringify(flat)}`, (t) => {
    const shown = version1Of(autoscaler('v2', { metrics: [cpu, metric] }));
    t.is((shown['spec'] as JsonObject)['targetCPUUtilizationPercentage'], 50);
    t.is(annotationsOf(shown)[`${prefix}metrics`], JSON.stringify([flat]));
    t.deepEqual((version2Of(shown)['spec'] as JsonObject)['metrics'], [metric, cpu]);
  });
}

test('states, conditions and behaviour go through v1 in annotations, a utilization also in its field', (t) => {
  const status = {
    desiredReplicas: 1,
    conditions: [
      { type: 'AbleToScale', status: 'True', lastTransitionTime: '2024-01-01T00:00:00Z', reason: 'R', message: 'a<b' },
    ],
    currentMetrics: [
      { type: 'Resource', resource: { name: 'cpu', current: { averageValue: '40m', averageUtilization: 20 } } },
      { type: 'Pods', pods: { metric: { name: 'hits' }, current: { averageValue: '3' } } },
    ],
  };
  const behavior = {
    scaleDown: {
      stabilizationWindowSeconds: 60,
      selectPolicy: 'Max',
      policies: [{ type: 'Pods', value: 1, periodSeconds: 30 }],
    },
  };
  const before = autoscaler('v2', { metrics: [cpu], behavior }, { annotations: { own: '1' } }, status);
  const shown = version1Of(before);
  t.deepEqual(annotationsOf(shown), {
    own: '1',
    [`${prefix}behavior`]:
      '{"ScaleUp":null,"ScaleDown":{"StabilizationWindowSeconds":60,"SelectPolicy":"Max",' +
      '"Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":30}],"Tolerance":null}}',
    [`${prefix}conditions`]:
      '[{"type":"AbleToScale","status":"True","lastTransitionTime":"2024-01-01T00:00:00Z","reason":"R",' +
      '"message":"a\\u003cb"}]',
    [`${prefix}current-metrics`]:
      '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":20,' +
      '"currentAverageValue":"40m"}},{"type":"Pods","pods":{"metricName":"hits","currentAverageValue":"3"}}]',
  });
  t.like(shown['status'] as JsonObject, {
    currentReplicas: 0,
    desiredReplicas: 1,
    currentCPUUtilizationPercentage: 20,
  });
  t.like(version2Of(shown), {
    metadata: before['metadata'] as JsonObject,
    spec: before['spec'] as JsonObject,
    status: { ...status, currentReplicas: 0 },
  });
});

const unread: readonly string[] = [
  '{',
  '{"a":1}',
  '[{"type":5}]',
  '[{"type":"Pods","pods":{"targetAverageValue":"lots"}}]',
  '[]',
  '[1]',
];
for (const text of unread) {
  test(`metrics of a v1 autoscaler that say nothing leave it with its default: ${text}`, (t) => {
    const { object, errors } = created(autoscaler('v1', {}, { annotations: { [`${prefix}metrics`]: text } }));
    t.deepEqual(errors, []);
    t.like(object.spec as JsonObject, { minReplicas: 1, targetCPUUtilizationPercentage: 80 });
    t.is(object.metadata.annotations, undefined);
  });
}

test('a target that is not positive is told with the metric', (t) => {
  const pods = {
    type: 'Pods',
    pods: { metric: { name: 'hits' }, target: { type: 'AverageValue', averageValue: '0' } },
  };
  t.deepEqual(created(autoscaler('v2', { metrics: [pods] })).errors, [
    'spec.metrics[0].pods.target.averageValue: Invalid value: {"quantity":"0"}: must be positive',
  ]);
});

test('rules without any policy are not given the default ones', (t) => {
  const behavior = { scaleUp: { policies: [] }, scaleDown: {} };
  const { object, errors } = created(autoscaler('v2', { behavior }));
  t.deepEqual(errors, ['spec.behavior.scaleUp.policies: Required value: must specify at least one Policy']);
  t.like((object.spec as JsonObject)['behavior'] as JsonObject, {
    scaleDown: { policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
  });
});
