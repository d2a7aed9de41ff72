import test from 'ava';
import { hostPorts, hostPortsClash, isActive, isFinished, isReady, podAddresses } from './pod.ts';

const metadata = { name: 'p', namespace: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: 'then' };

test('a pod is finished when it succeeded or failed, active while it neither ended nor goes', (t) => {
  t.true(isFinished({ status: { phase: 'Succeeded' } }));
  t.true(isFinished({ status: { phase: 'Failed' } }));
  t.false(isFinished({ status: { phase: 'Running' } }));
  t.false(isFinished({}));
  t.true(isActive({ metadata, status: { phase: 'Running' } }));
  t.false(isActive({ metadata: { ...metadata, deletionTimestamp: 'now' } }));
  t.false(isActive({ metadata, status: { phase: 'Failed' } }));
});

test('a pod is ready by its condition', (t) => {
  t.true(isReady({ status: { conditions: [{ type: 'Ready', status: 'True' }] } }));
  t.false(isReady({ status: { conditions: [{ type: 'Ready', status: 'False' }] } }));
  t.false(isReady({}));
});

test('a pod has the addresses of its status, the list before the single one', (t) => {
  t.deepEqual(podAddresses({ status: { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] } }), [
    '10.0.0.1',
    'fd00::1',
  ]);
  t.deepEqual(podAddresses({ status: { podIP: '10.0.0.1' } }), ['10.0.0.1']);
  t.deepEqual(podAddresses({ status: { podIP: '' } }), []);
  t.deepEqual(podAddresses({}), []);
});

test('containers and sidecars take host ports, init containers do not', (t) => {
  const ports = (hostPort: number) => [{ containerPort: 80, protocol: 'TCP' as const, hostPort }];
  const taken = hostPorts({
    containers: [{ name: 'a', ports: ports(8080) }, { name: 'b' }],
    initContainers: [
      { name: 'c', ports: ports(8081), restartPolicy: 'Always' },
      { name: 'd', ports: ports(8082) },
    ],
  });
  t.deepEqual(
    taken.map(({ port, address, protocol }) => [port, address, protocol]),
    [
      [8080, '0.0.0.0', 'TCP'],
      [8081, '0.0.0.0', 'TCP'],
    ],
  );
  t.is(hostPorts({ containers: [{ name: 'a', ports: ports(0) }] }).length, 0);
});

test('host ports clash on the same address or on all of them', (t) => {
  const port = (address: string, number = 80, protocol = 'TCP') => ({ address, protocol, port: number });
  t.true(hostPortsClash(port('10.0.0.1'), port('10.0.0.1')));
  t.true(hostPortsClash(port('10.0.0.1'), port('0.0.0.0')));
  t.false(hostPortsClash(port('10.0.0.1'), port('10.0.0.2')));
  t.false(hostPortsClash(port('10.0.0.1'), port('10.0.0.1', 81)));
  t.false(hostPortsClash(port('10.0.0.1'), port('10.0.0.1', 80, 'UDP')));
});
