import test from 'ava';
import { newEvent, referenceTo } from './index.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', uid: 'u', resourceVersion: '7' },
};
const report = {
  namespace: 'shop',
  name: 'web.1',
  about: referenceTo(pod, 'spec.containers{main}'),
  type: 'Warning',
  reason: 'Failed',
  message: 'x'.repeat(2000),
  at: 1_000,
  component: 'kubelet',
} as const;

test('an event names its object, its source and its only time, and its message is cut', (t) => {
  const event = newEvent({ ...report, host: 'node-1' });
  t.like(event, {
    metadata: { name: 'web.1', namespace: 'shop' },
    involvedObject: { kind: 'Pod', name: 'web', uid: 'u', resourceVersion: '7', fieldPath: 'spec.containers{main}' },
    firstTimestamp: '1970-01-01T00:00:01Z',
    lastTimestamp: '1970-01-01T00:00:01Z',
    count: 1,
    source: { component: 'kubelet', host: 'node-1' },
    reportingInstance: 'node-1',
  });
  t.is(event.message?.length, 1024);
});

test('an event of the control plane names no host', (t) => {
  const { source, reportingInstance } = JSON.parse(JSON.stringify(newEvent(report))) as ReturnType<typeof newEvent>;
  t.deepEqual(source, { component: 'kubelet' });
  t.is(reportingInstance, '');
});
