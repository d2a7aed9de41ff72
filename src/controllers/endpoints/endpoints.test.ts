import test from 'ava';
import type { Endpoints, Pod, Service } from '../../api/index.ts';
import { planEndpoints } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

const service = (spec: Partial<Service['spec']> = {}): Service =>
  stored<Service>({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'ns', uid: 's', labels: { app: 'web' } },
    spec: {
      selector: { app: 'web' },
      clusterIP: '10.0.0.1',
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
      ...spec,
    },
  });

interface PodParts {
  readonly ip?: string;
  readonly ready?: boolean;
  readonly phase?: string;
  readonly hostname?: string;
}
const pod = (name: string, { ip, ready = true, phase = 'Running', hostname }: PodParts): Pod =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'ns', uid: name },
    spec: {
      nodeName: 'n',
      containers: [{ name: 'c', ports: [{ name: 'web', containerPort: 9090 }] }],
      ...(hostname === undefined ? {} : { hostname, subdomain: 'web' }),
    },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      ...(ip === undefined ? {} : { podIPs: [{ ip }] }),
    },
  });
const plan = (made: Service, pods: readonly Pod[], current?: Endpoints): Endpoints | undefined =>
  planEndpoints(made, pods, current) as Endpoints | undefined;
const ips = (endpoints: Endpoints | undefined): unknown =>
  endpoints?.subsets?.map(({ addresses = [], notReadyAddresses = [], ports }) => ({
    ready: addresses.map(({ ip }) => ip),
    notReady: notReadyAddresses.map(({ ip }) => ip),
    ports: ports?.map(({ port }) => port),
  }));

test('running pods with an address are addresses of one subset, sorted, the ready apart from the others', (t) => {
  const pods = [
    pod('b', { ip: '10.1.0.2' }),
    pod('a', { ip: '10.1.0.1' }),
    pod('starting', { ip: '10.1.0.3', ready: false }),
    pod('ended', { ip: '10.1.0.4', phase: 'Failed' }),
    pod('unplaced', {}),
  ];
  t.deepEqual(ips(plan(service(), pods)), [{ ready: ['10.1.0.1', '10.1.0.2'], notReady: ['10.1.0.3'], ports: [8080] }]);
  const all = plan(service({ publishNotReadyAddresses: true }), pods);
  t.deepEqual(ips(all), [{ ready: ['10.1.0.1', '10.1.0.2', '10.1.0.3'], notReady: [], ports: [8080] }]);
});

test('only addresses of the first family of the service are taken, and named ports are those of the pod', (t) => {
  const pods = [pod('four', { ip: '10.1.0.1' }), pod('six', { ip: '2001:db8::1' })];
  const made = service({ ipFamilies: ['IPv6'], ports: [{ port: 80, protocol: 'TCP', targetPort: 'web' }] });
  t.deepEqual(ips(plan(made, pods)), [{ ready: ['2001:db8::1'], notReady: [], ports: [9090] }]);
  t.deepEqual(plan(service({ ports: [{ port: 80, protocol: 'TCP', targetPort: 'none' }] }), pods)?.subsets, null);
});

test('the pods of a headless service keep their host names, and the object says that it is headless', (t) => {
  const made = plan(service({ clusterIP: 'None' }), [pod('a', { ip: '10.1.0.1', hostname: 'web-0' })]);
  t.is(made?.subsets?.[0]?.addresses?.[0]?.hostname, 'web-0');
  t.deepEqual(made?.metadata.labels, {
    app: 'web',
    'service.kubernetes.io/headless': '',
    'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
  });
});

test('endpoints that are right are not written again', (t) => {
  const pods = [pod('a', { ip: '10.1.0.1' })];
  const first = plan(service(), pods);
  t.is(plan(service(), pods, first), undefined);
  t.truthy(plan(service(), [], first));
});

test('of more than a thousand addresses the ready ones are kept, and the object says that it was cut', (t) => {
  const pods = Array.from({ length: 1_001 }, (_, i) =>
    pod(`p-${String(i)}`, { ip: `10.1.${String(i >> 8)}.${String(i & 255)}`, ready: i !== 0 }),
  );
  const cut = plan(service(), pods);
  t.is(cut?.subsets?.[0]?.addresses?.length, 1_000);
  t.is(cut?.subsets?.[0]?.notReadyAddresses, undefined);
  t.is(cut?.metadata.annotations?.['endpoints.kubernetes.io/over-capacity'], 'truncated');
  const small = plan(service(), pods.slice(0, 2), cut);
  t.is(small?.metadata.annotations?.['endpoints.kubernetes.io/over-capacity'], undefined);
});
