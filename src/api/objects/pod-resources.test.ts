import test from 'ava';
import { quantityText } from '../machinery/index.ts';
import type { Container, New, PodSpec } from './index.ts';
import { podResources, podResourcesInUse } from './pod-resources.ts';

type Quantities = Readonly<Record<string, string>>;
const container = (requests: Quantities, more: New<Container> = {}): New<Container> => ({
  name: 'c',
  resources: { requests, limits: more.resources?.limits },
  ...more,
});
const sidecar = (requests: Quantities): New<Container> => container(requests, { restartPolicy: 'Always' });
const requestsOf = (spec: New<PodSpec>): Quantities =>
  Object.fromEntries([...podResources(spec, 'requests')].map(([name, quantity]) => [name, quantityText(quantity)]));

for (const [title, spec, expected] of [
  ['a pod without requests needs nothing', { containers: [container({})] }, {}],
  [
    'containers count together, every resource by name',
    { containers: [container({ cpu: '100m', 'example.com/gpu': '1' }), container({ cpu: '1', memory: '1Gi' })] },
    { cpu: '1100m', 'example.com/gpu': '1', memory: '1Gi' },
  ],
  [
    'a large init container counts alone',
    { initContainers: [container({ cpu: '2' }), container({ cpu: '3' })], containers: [container({ cpu: '1' })] },
    { cpu: '3' },
  ],
  [
    'an init container runs beside the sidecars that start before it, not those after it',
    {
      initContainers: [sidecar({ cpu: '1' }), container({ cpu: '4' }), sidecar({ cpu: '2' })],
      containers: [container({ cpu: '1' })],
    },
    { cpu: '5' },
  ],
  [
    'sidecars count with the containers',
    { initContainers: [sidecar({ cpu: '1' }), container({ cpu: '1' })], containers: [container({ cpu: '2' })] },
    { cpu: '3' },
  ],
  [
    'overhead comes on top',
    { containers: [container({ cpu: '1', 'ephemeral-storage': '1Gi' })], overhead: { cpu: '250m', memory: '64Mi' } },
    { cpu: '1250m', 'ephemeral-storage': '1Gi', memory: '64Mi' },
  ],
  [
    'parts finer than a thousandth are kept exactly',
    { containers: [container({ cpu: '100n' }), container({ cpu: '900n' })] },
    { cpu: '1u' },
  ],
] as const)
  test(title, (t) => {
    t.deepEqual(requestsOf(spec), expected);
  });

test('overhead raises a limit and makes none', (t) => {
  const spec: New<PodSpec> = {
    containers: [{ name: 'c', resources: { limits: { cpu: '1' } } }],
    overhead: { cpu: '1', memory: '1Gi' },
  };
  const limits = [...podResources(spec, 'limits')].map(([name, quantity]) => [name, quantityText(quantity)]);
  t.deepEqual(limits, [['cpu', '2']]);
});

test('a container may be taken to need another amount than it asks for', (t) => {
  const spec: New<PodSpec> = { containers: [container({}), container({})] };
  const assumed = podResources(spec, 'requests', () => podResources({ overhead: { cpu: '100m' } }, 'requests'));
  t.is(quantityText(assumed.get('cpu') ?? t.fail()), '200m');
});

test('a pod that is resized takes up the most of what it asks for, was given and runs with', (t) => {
  const status = (allocated: string, actual: string, reason?: string): object => ({
    containerStatuses: [
      {
        name: 'c',
        allocatedResources: { cpu: allocated },
        resources: { requests: { cpu: actual }, limits: { cpu: actual } },
      },
    ],
    conditions: reason === undefined ? [] : [{ type: 'PodResizePending', status: 'True', reason }],
  });
  const inUse = (shown: object, side: 'requests' | 'limits' = 'requests'): string | undefined => {
    const spec: New<PodSpec> = {
      containers: [{ name: 'c', resources: { requests: { cpu: '2' }, limits: { cpu: '4' } } }],
    };
    const amount = podResourcesInUse({ spec, status: shown }, side).get('cpu');
    return amount === undefined ? undefined : quantityText(amount);
  };
  t.is(inUse({}), '2', 'its node has not said anything yet');
  t.is(inUse(status('1', '1')), '2', 'it grows');
  t.is(inUse(status('2', '3')), '3', 'it shrinks, and still runs with more');
  t.is(inUse(status('3', '1')), '3', 'it was given more than it asks for by now');
  t.is(inUse(status('1', '1', 'Deferred')), '2', 'it waits for room, which is kept for it');
  t.is(inUse(status('1', '1', 'Infeasible')), '1', 'it never gets what it asks for');
  t.is(inUse(status('1', '5'), 'limits'), '5');
});
