import test from 'ava';
import type { APIService, Service } from '../../api/index.ts';
import { obstacleOf, planCheck, planStatus, probedCondition } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

const api = (port?: number): APIService =>
  stored<APIService>({
    apiVersion: '',
    kind: 'APIService',
    metadata: { name: 'v1.x', uid: 'u' },
    spec: { service: { namespace: 'n', name: 's', ...(port === undefined ? {} : { port }) } },
  });
const service = (spec: object): Service =>
  ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's', uid: 'u' }, spec }) as never;
const slice = (ready: boolean, name = 'https'): never =>
  ({ ports: [{ name, port: 443 }], endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready } }] }) as never;
const listening = service({ type: 'ClusterIP', ports: [{ name: 'https', port: 443 }] });

test('an APIService says what its Service lacks', (t) => {
  const rows: readonly (readonly [ReturnType<typeof obstacleOf> extends infer R ? R : never, string | undefined])[] = [
    [obstacleOf(api(), { service: undefined, slices: [] }), 'service/s in "n" is not present'],
    [obstacleOf(api(8443), { service: listening, slices: [] }), 'service/s in "n" is not listening on port 8443'],
    [obstacleOf(api(), { service: listening, slices: [] }), 'cannot find endpointslices for service/s in "n"'],
    [
      obstacleOf(api(), { service: listening, slices: [slice(false)] }),
      'endpointslices for service/s in "n" have no addresses with port name "https"',
    ],
    [
      obstacleOf(api(), { service: listening, slices: [slice(true, 'other')] }),
      'endpointslices for service/s in "n" have no addresses with port name "https"',
    ],
    [obstacleOf(api(), { service: listening, slices: [slice(true)] }), undefined],
    [obstacleOf(api(), { service: service({ type: 'ExternalName' }), slices: [] }), undefined],
  ];
  for (const [found, message] of rows) t.is(found?.message, message);
});

test('only a service against which nothing speaks is asked itself', (t) => {
  t.deepEqual(planCheck(api(), { service: listening, slices: [slice(true)] }), { type: 'probe' });
  t.like(planCheck(api(), { service: undefined, slices: [] }), {
    type: 'known',
    condition: { status: 'False', reason: 'ServiceNotFound' },
  });
  t.like(planCheck(api(), undefined), { type: 'known', condition: { status: 'True', reason: 'Local' } });
});

test('the status is written when the answer changes, and a condition that stays keeps its time', (t) => {
  const passed = planStatus(api(), probedCondition(undefined), 0);
  t.like(passed?.conditions?.[0], { status: 'True', reason: 'Passed', lastTransitionTime: '1970-01-01T00:00:00Z' });
  const known = stored<APIService>({ ...api(), status: { conditions: passed?.conditions ?? [] } });
  t.is(planStatus(known, probedCondition(undefined), 5_000), undefined);
  const failed = planStatus(known, probedCondition('no route'), 5_000);
  t.like(failed?.conditions?.[0], {
    status: 'False',
    reason: 'FailedDiscoveryCheck',
    message: 'no route',
    lastTransitionTime: '1970-01-01T00:00:05Z',
  });
  const other = stored<APIService>({ ...api(), status: { conditions: failed?.conditions ?? [] } });
  t.like(planStatus(other, probedCondition('timeout'), 9_000)?.conditions?.[0], {
    message: 'timeout',
    lastTransitionTime: '1970-01-01T00:00:05Z',
  });
});
