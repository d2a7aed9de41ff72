import test from 'ava';
import type { ContainerPort, New, Node, Pod } from '../../api/index.ts';
import { admitPod } from './pod-admission.ts';
import { stored } from '../objects.fixture.ts';

const pod = (requests: Record<string, string>, ports: readonly New<ContainerPort>[] = []): Pod =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', resources: { requests }, ports }] },
  });
const allocatable = { cpu: '2', memory: '1Gi', pods: '3' };
const offer = { allocatable, allowedSysctls: [], pressures: [], shuttingDown: false, object: undefined };
const refusal = (subject: Pod, ...others: Pod[]): string | undefined => admitPod(subject, others, offer)?.reason;

test('a pod is refused for what the node has not left', (t) => {
  t.is(refusal(pod({ cpu: '1', memory: '512Mi' }), pod({ cpu: '1' })), undefined);
  t.is(refusal(pod({ cpu: '1100m' }), pod({ cpu: '1' })), 'OutOfcpu');
  t.is(refusal(pod({ memory: '600Mi' }), pod({ memory: '600Mi' })), 'OutOfmemory');
  t.is(refusal(pod({}), pod({}), pod({}), pod({})), 'OutOfpods');
  t.is(refusal(pod({}), pod({ cpu: '2' })), undefined);
});

test('overhead, ephemeral storage and extended resources count as they do for the scheduler', (t) => {
  const heavy = pod({ cpu: '1' });
  const wrapped: Pod = { ...heavy, spec: { ...heavy.spec, overhead: { cpu: '1500m' } } };
  t.is(refusal(wrapped), 'OutOfcpu');
  const rich = { ...offer, allocatable: { ...allocatable, 'ephemeral-storage': '1Gi', 'example.com/gpu': '1' } };
  t.is(admitPod(pod({ 'ephemeral-storage': '2Gi' }), [], rich)?.reason, 'OutOfephemeral-storage');
  t.is(admitPod(pod({ 'example.com/gpu': '1' }), [], rich), undefined);
  t.is(
    admitPod(pod({ 'example.com/gpu': '1' }), [pod({ 'example.com/gpu': '1' })], rich)?.message,
    "Node didn't have enough resource: example.com/gpu, requested: 1, used: 1, capacity: 1",
  );
  t.is(admitPod(pod({ 'example.com/other': '1' }), [], rich), undefined, 'what the node does not count is let through');
});

test('a host port is given once for each protocol and address', (t) => {
  const port = (hostPort: number, more: object = {}): New<ContainerPort> => ({ containerPort: 80, hostPort, ...more });
  t.is(refusal(pod({}, [port(80)]), pod({}, [port(80)])), 'NodePorts');
  t.is(refusal(pod({}, [port(80)]), pod({}, [port(80, { protocol: 'UDP' })])), undefined);
  t.is(refusal(pod({}, [port(80, { hostIP: '127.0.0.1' })]), pod({}, [port(80, { hostIP: '192.0.2.2' })])), undefined);
  t.is(refusal(pod({}, [port(80, { hostIP: '127.0.0.1' })]), pod({}, [port(80)])), 'NodePorts');
});

test("a sysctl that is not the pod's alone fails the pod unless the node allows it", (t) => {
  const asking = (name: string, more: object = {}): Pod => {
    const plain = pod({});
    return { ...plain, spec: { ...plain.spec, ...more, securityContext: { sysctls: [{ name, value: '1' }] } } };
  };
  const message = (subject: Pod, allowedSysctls: readonly string[] = []): string | undefined =>
    admitPod(subject, [], { allocatable, allowedSysctls, pressures: [], shuttingDown: false, object: undefined })
      ?.message;
  t.is(refusal(asking('kernel.msgmax')), 'SysctlForbidden');
  t.is(message(asking('kernel.msgmax')), 'forbidden sysctl: "kernel.msgmax" not allowlisted');
  t.is(message(asking('kernel.msgmax'), ['kernel.msg*']), undefined);
  t.is(message(asking('kernel/shm_rmid_forced')), undefined);
  t.is(message(asking('net.ipv4.conf.eth0/100.rp_filter'), ['net/ipv4/conf/eth0.100/*']), undefined);
  t.is(message(asking('net.ipv4.tcp_syncookies')), undefined);
  t.regex(message(asking('net.ipv4.tcp_syncookies', { hostNetwork: true })) ?? '', /not allowed with host net enabled/);
  t.regex(message(asking('kernel.shm_rmid_forced', { hostIPC: true })) ?? '', /not allowed with host ipc enabled/);
});

test('a pod that asks for what no node with this engine has is refused', (t) => {
  const asking = (spec: object): Pod => ({ ...pod({}), spec: { ...pod({}).spec, ...spec } });
  t.is(refusal(asking({ os: { name: 'windows' } })), 'PodOSNotSupported');
  t.is(refusal(asking({ os: { name: 'linux' } })), undefined);
  const groups = (supplementalGroupsPolicy: string): object => ({ securityContext: { supplementalGroupsPolicy } });
  t.is(refusal(asking(groups('Merge'))), undefined);
  t.deepEqual(admitPod(asking(groups('Strict')), [], offer), {
    reason: 'SupplementalGroupsPolicyNotSupported',
    message: 'SupplementalGroupsPolicy=Strict is not supported in this node',
  });
  t.is(refusal(pod({ 'hugepages-2Mi': '4Mi', cpu: '1' })), 'OutOfhugepages-2Mi');
});

test('a pod that came past the scheduler is refused where it may not be by its own word or by a taint', (t) => {
  const object = stored<Node>({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1', labels: { disk: 'ssd' } },
    spec: {
      taints: [
        { key: 'old', effect: 'NoSchedule' },
        { key: 'k', effect: 'NoExecute' },
      ],
    },
  });
  const tolerations = [{ key: 'k', operator: 'Exists' }];
  const asking = (spec: object, more: object = {}): Pod =>
    ({ ...pod({}), ...more, spec: { ...pod({}).spec, tolerations, ...spec } }) as Pod;
  const answer = (subject: Pod): string | undefined => {
    const found = admitPod(subject, [], { ...offer, object });
    return found === undefined ? undefined : `${found.reason}: ${found.message}`;
  };
  const affinity =
    'NodeAffinity: Predicate NodeAffinity failed: ' + "node(s) didn't match Pod's node affinity/selector";
  t.is(answer(asking({ nodeSelector: { disk: 'hdd' } })), affinity);
  t.is(answer(asking({ nodeSelector: { disk: 'ssd' } })), undefined);
  const status = { conditions: [{ type: 'PodScheduled', status: 'True' }] };
  t.is(answer(asking({ nodeSelector: { disk: 'hdd' } }, { status })), undefined, 'the scheduler knows a newer Node');
  t.is(
    answer(asking({ tolerations: [] })),
    'TaintToleration: Predicate TaintToleration failed: ' + "node(s) had taints that the pod didn't tolerate",
  );
  const metadata = { name: 'p', uid: '0123456789abcdef0123456789abcdef' };
  t.is(answer(asking({ tolerations: [] }, { metadata })), undefined, 'a static pod belongs to the node');
  const claimed = { name: 'p', annotations: { 'kubernetes.io/config.source': 'file' } };
  t.regex(
    answer(asking({ tolerations: [] }, { metadata: claimed })) ?? '',
    /^TaintToleration/,
    'anyone may write that',
  );
});
