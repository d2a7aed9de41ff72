import test from 'ava';
import { quantityText } from '../../../machinery/index.ts';
import type { JsonObject } from '../../../object.ts';
import { podQuota } from './pod-quota.ts';

const pod = (spec: JsonObject, phase = 'Running'): JsonObject => ({ spec, status: { phase } });
const scope = (scopeName: string, operator = 'Exists', values: string[] = []): object => ({
  scopeName,
  operator,
  values,
});
const isIn = (spec: JsonObject, requirement: object): boolean | undefined =>
  podQuota.inScope?.(pod(spec), requirement as { scopeName: string; operator: string });

test('a pod is in the scopes that its spec says', (t) => {
  const plain = { containers: [{ name: 'c' }] };
  const sized = { containers: [{ name: 'c', resources: { limits: { memory: '1Mi' } } }] };
  const urgent = { priorityClassName: 'urgent' };
  const apart = {
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ namespaces: ['other'] }] } },
  };
  const cases: readonly [JsonObject, object, boolean][] = [
    [{ activeDeadlineSeconds: 5 }, scope('Terminating'), true],
    [plain, scope('NotTerminating'), true],
    [plain, scope('BestEffort'), true],
    [sized, scope('BestEffort'), false],
    [sized, scope('NotBestEffort'), true],
    [apart, scope('CrossNamespacePodAffinity'), true],
    [plain, scope('CrossNamespacePodAffinity'), false],
    [urgent, scope('PriorityClass'), true],
    [plain, scope('PriorityClass', 'DoesNotExist'), true],
    [urgent, scope('PriorityClass', 'In', ['urgent']), true],
    [urgent, scope('PriorityClass', 'NotIn', ['urgent']), false],
    [plain, scope('Unknown'), false],
  ];
  for (const [spec, requirement, expected] of cases)
    t.is(isIn(spec, requirement), expected, JSON.stringify([spec, requirement]));
});

test('a pod uses its requests and limits until it has finished', (t) => {
  const spec = {
    containers: [{ name: 'c', resources: { requests: { cpu: '1', 'x/gpu': '2' }, limits: { cpu: '2' } } }],
  };
  const used = podQuota.usage?.(pod(spec)) ?? new Map();
  t.deepEqual(Object.fromEntries([...used].map(([name, quantity]) => [name, quantityText(quantity)])), {
    pods: '1',
    cpu: '1',
    'requests.cpu': '1',
    'requests.x/gpu': '2',
    'limits.cpu': '2',
  });
  t.is(podQuota.usage?.(pod(spec, 'Succeeded')).size, 0);
});
