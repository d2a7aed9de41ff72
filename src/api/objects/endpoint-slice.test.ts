import test from 'ava';
import { isServingWhileTerminating, readyEndpoints, serviceNameLabel, slicesOfService } from './endpoint-slice.ts';

const metadata = { name: 'p', namespace: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: 'then' };

test('an endpoint is ready unless it says that it is not', (t) => {
  const endpoints = [
    { addresses: ['10.0.0.1'] },
    { addresses: ['10.0.0.2'], conditions: { ready: false, serving: true, terminating: true } },
    { addresses: ['10.0.0.3'], conditions: { ready: true, serving: true } },
    { addresses: ['10.0.0.4'], conditions: { ready: false, terminating: true } },
    { addresses: ['10.0.0.5'], conditions: { ready: false, serving: false, terminating: true } },
  ];
  t.deepEqual(
    readyEndpoints({ endpoints }).map(({ addresses }) => addresses[0]),
    ['10.0.0.1', '10.0.0.3'],
  );
  t.deepEqual(endpoints.map(isServingWhileTerminating), [false, true, false, true, false]);
  t.deepEqual(readyEndpoints({ endpoints: null }), []);
});

test('a slice belongs to the Service that its label names, in its own namespace', (t) => {
  const slice = (namespace: string, service: string) => ({
    metadata: { ...metadata, namespace, labels: { [serviceNameLabel]: service } },
  });
  const wanted = slice('shop', 'web');
  const slices = [wanted, slice('shop', 'other'), slice('else', 'web'), { metadata }];
  t.deepEqual(slicesOfService(slices, { namespace: 'shop', name: 'web' }), [wanted]);
});
