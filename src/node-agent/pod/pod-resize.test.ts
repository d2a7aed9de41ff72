import test from 'ava';
import type { Container, New, Pod } from '../../api/index.ts';
import { containerHash } from '../container/index.ts';
import { stored } from '../objects.fixture.ts';
import { Allocations, podAsAllocated } from './pod-allocation.ts';
import { freshPod, type PodEffect, type PodInput, podStatus, type PodState, stepPod } from './index.ts';
import { allocatedPod, judgeResize } from './pod-resize.ts';

const sized = (cpu: string, memory = '64Mi', more: New<Container> = {}): Container =>
  stored<Container>({
    name: 'main',
    image: 'web:1',
    resources: { requests: { cpu, memory }, limits: { cpu: '2', memory: '128Mi' } },
    ...more,
  });
const pod = (container: Container, uid = 'u1'): Pod =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: uid, namespace: 'shop', uid },
    spec: { containers: [container], restartPolicy: 'Always' },
  });

interface Play {
  readonly state: PodState;
  readonly effects: readonly PodEffect[];
  readonly wakeAt: number | undefined;
}

function play(state: PodState, inputs: readonly PodInput[], now = 1_000): Play {
  const effects: PodEffect[] = [];
  let last: Play = { state, effects, wakeAt: undefined };
  for (const input of inputs) {
    const step = stepPod(last.state, input, now);
    effects.push(...step.effects);
    last = { state: step.state, effects, wakeAt: step.wakeAt };
  }
  return last;
}

function running(container: Container): PodState {
  return play(freshPod(pod(container), 1_000), [
    { type: 'tick' },
    { type: 'sandbox-created', id: 'box', addresses: ['10.244.0.2'] },
    { type: 'sandbox-started' },
    { type: 'volumes-ready' },
    { type: 'image-ready', container: 'main', id: 'sha256:1', user: '' },
    { type: 'container-created', container: 'main', id: 'c1', hash: containerHash(container), sandboxId: 'box' },
    { type: 'container-started', container: 'main', id: 'c1', startedAt: 1_000 },
  ]).state;
}

const asked = (state: PodState, container: Container): Play =>
  play(state, [{ type: 'pod-changed', pod: pod(container) }]);
const types = ({ effects }: Play): string[] => effects.map(({ type }) => type);
const wantedOf = ({ effects }: Play): string => {
  const found = effects.find((effect) => effect.type === 'ask-resize');
  return found?.wanted ?? '';
};
const shown = (state: PodState): ReturnType<typeof podStatus> =>
  podStatus(state, { hostIps: ['10.0.0.1'], runtimeName: 'docker', now: 2_000 });
const resizeConditionsOf = (state: PodState): object[] =>
  (shown(state).conditions ?? [])
    .filter(({ type }) => type.startsWith('PodResize'))
    .map(({ type, status, reason, message }) => ({ type, status, reason, message }));

test('a resize is asked for, allowed, applied while the container runs, and then shown', (t) => {
  const before = asked(running(sized('100m')), sized('200m'));
  t.deepEqual(types(before), ['ask-resize']);
  t.is(shown(before.state).containerStatuses?.[0]?.allocatedResources?.['cpu'], '100m', 'not given yet');

  const allowed = play(before.state, [
    { type: 'resize-judged', wanted: wantedOf(before), verdict: { outcome: 'allowed' } },
  ]);
  t.deepEqual(allowed.effects, [{ type: 'update-container', container: 'main', id: 'c1' }]);
  t.deepEqual(resizeConditionsOf(allowed.state), [
    { type: 'PodResizeInProgress', status: 'True', reason: undefined, message: undefined },
  ]);
  const [status] = shown(allowed.state).containerStatuses ?? [];
  t.deepEqual([status?.allocatedResources?.['cpu'], status?.resources?.requests?.['cpu']], ['200m', '100m']);
  t.is(allocatedPod(allowed.state).spec.containers[0]?.resources?.requests?.['cpu'], '200m');

  const done = play(allowed.state, [
    { type: 'container-updated', container: 'main', id: 'c1', applied: sized('200m').resources },
  ]);
  t.deepEqual(done.effects, []);
  t.deepEqual(resizeConditionsOf(done.state), []);
  t.is(shown(done.state).containerStatuses?.[0]?.resources?.requests?.['cpu'], '200m');
  t.is(shown(done.state).containerStatuses?.[0]?.restartCount, 0);
});

test('the same amounts in another way of writing are no resize', (t) => {
  t.deepEqual(types(asked(running(sized('100m')), sized('0.1'))), []);
});

test('a resize that must wait is pending, says why once, and is asked for again when there is room or time', (t) => {
  const before = asked(running(sized('100m')), sized('1'));
  const verdict = { outcome: 'deferred', message: 'no room' } as const;
  const input = { type: 'resize-judged', wanted: wantedOf(before), verdict } as const;
  const deferred = play(before.state, [input]);
  t.deepEqual(deferred.effects, [
    { type: 'event', event: { kind: 'Warning', reason: 'ResizeDeferred', message: 'no room' } },
  ]);
  t.is(deferred.wakeAt, 61_000);
  t.deepEqual(resizeConditionsOf(deferred.state), [
    { type: 'PodResizePending', status: 'True', reason: 'Deferred', message: 'no room' },
  ]);
  t.deepEqual(types(play(deferred.state, [{ type: 'tick' }], 60_999)), []);
  t.deepEqual(types(play(deferred.state, [{ type: 'tick' }], 61_000)), ['ask-resize']);
  const again = play(deferred.state, [{ type: 'room' }]);
  t.deepEqual(types(again), ['ask-resize']);
  t.deepEqual(play(again.state, [input]).effects, [], 'the same words are no news');
  t.deepEqual(resizeConditionsOf(asked(deferred.state, sized('100m')).state), [], 'taken back');
});

test('a resize that never fits is infeasible until another is asked for', (t) => {
  const before = asked(running(sized('100m')), sized('64'));
  const verdict = { outcome: 'infeasible', message: 'too much' } as const;
  const never = play(before.state, [{ type: 'resize-judged', wanted: wantedOf(before), verdict }, { type: 'room' }]);
  t.deepEqual(types(never), ['event']);
  t.deepEqual(resizeConditionsOf(never.state), [
    { type: 'PodResizePending', status: 'True', reason: 'Infeasible', message: 'too much' },
  ]);
  t.deepEqual(types(asked(never.state, sized('200m'))), ['ask-resize']);
});

test('where the policy of what changes says so, the container is restarted with its new size', (t) => {
  const restarting = { resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] };
  const wish = asked(running(sized('100m', '64Mi', restarting)), sized('100m', '96Mi', restarting));
  const allowed = play(wish.state, [
    { type: 'resize-judged', wanted: wantedOf(wish), verdict: { outcome: 'allowed' } },
  ]);
  t.deepEqual(types(allowed), ['event', 'stop-probes', 'stop-container']);
  t.like(allowed.effects[0], { event: { reason: 'Killing', message: 'Container main resize requires restart' } });
  const end = { id: 'c1', exitCode: 0, reason: 'Completed', finishedAt: 2_000 };
  const next = play(allowed.state, [{ type: 'container-ended', container: 'main', end }]);
  t.true(types(next).includes('ensure-image'), 'the next attempt begins at once');
  t.is(next.state.containers.get('main')?.attempt, 1);

  const cpu = asked(running(sized('100m', '64Mi', restarting)), sized('200m', '64Mi', restarting));
  const inPlace = play(cpu.state, [{ type: 'resize-judged', wanted: wantedOf(cpu), verdict: { outcome: 'allowed' } }]);
  t.deepEqual(types(inPlace), ['update-container'], 'the processor has another policy');
});

test('a sidecar is resized like any container; an init container that ended is not', (t) => {
  const side = (cpu: string): Container => ({ ...sized(cpu), name: 'side', restartPolicy: 'Always' });
  const setUp = (cpu: string): Container => ({ ...sized(cpu), name: 'set-up' });
  const with2 = (cpu: string): Pod => {
    const { spec, ...rest } = pod(sized('100m'));
    return stored<Pod>({ ...rest, spec: { ...spec, initContainers: [setUp(cpu), side(cpu)] } });
  };
  const made = (container: Container, id: string): readonly PodInput[] => [
    { type: 'image-ready', container: container.name, id: 'sha256:1', user: '' },
    { type: 'container-created', container: container.name, id, hash: containerHash(container), sandboxId: 'box' },
    { type: 'container-started', container: container.name, id, startedAt: 1_000 },
  ];
  const end = { id: 'c0', exitCode: 0, reason: 'Completed', finishedAt: 1_500 };
  const before = play(freshPod(with2('100m'), 1_000), [
    { type: 'tick' },
    { type: 'sandbox-created', id: 'box', addresses: ['10.244.0.2'] },
    { type: 'sandbox-started' },
    { type: 'volumes-ready' },
    ...made(setUp('100m'), 'c0'),
    { type: 'container-ended', container: 'set-up', end },
    ...made(side('100m'), 'c1'),
  ]).state;
  const wish = play(before, [{ type: 'pod-changed', pod: with2('200m') }]);
  t.deepEqual(JSON.parse(wantedOf(wish)), [['side', side('200m').resources]]);
  const allowed = play(wish.state, [
    { type: 'resize-judged', wanted: wantedOf(wish), verdict: { outcome: 'allowed' } },
  ]);
  t.deepEqual(
    allowed.effects.filter(({ type }) => type === 'update-container'),
    [{ type: 'update-container', container: 'side', id: 'c1' }],
  );
});

test('what the engine refuses is shown and tried again', (t) => {
  const wish = asked(running(sized('100m')), sized('200m'));
  const failed = play(wish.state, [
    { type: 'resize-judged', wanted: wantedOf(wish), verdict: { outcome: 'allowed' } },
    { type: 'container-updated', container: 'main', id: 'c1', error: 'device busy' },
  ]);
  t.deepEqual(resizeConditionsOf(failed.state), [
    { type: 'PodResizeInProgress', status: 'True', reason: 'Error', message: 'container main: device busy' },
  ]);
  t.deepEqual(types(play(failed.state, [{ type: 'tick' }], failed.wakeAt)), ['update-container']);
});

const offer = { allocatable: { cpu: '2', memory: '1Gi', pods: '10' }, allowedSysctls: [] };

test('a node allows what fits beside what the others have, defers what would fit without them', (t) => {
  t.deepEqual(judgeResize(pod(sized('1500m')), [pod(sized('500m'), 'u2')], offer), { outcome: 'allowed' });
  t.deepEqual(judgeResize(pod(sized('1500m')), [pod(sized('600m'), 'u2')], offer), {
    outcome: 'deferred',
    message: "Node didn't have enough resource: cpu, requested: 1500, used: 600, capacity: 2000",
  });
  t.deepEqual(judgeResize(pod(sized('1', '2Gi')), [], offer), {
    outcome: 'infeasible',
    message: "Node didn't have enough capacity: memory, requested: 2147483648, capacity: 1073741824",
  });
});

test('who waits for room is woken by a pod that shrinks or goes, once', (t) => {
  const allocations = new Allocations();
  let woken = 0;
  const wait = (): void => {
    allocations.whenRoom('u1', () => {
      woken += 1;
    });
  };
  allocations.give(pod(sized('1'), 'u2'));
  wait();
  allocations.give(pod(sized('500m'), 'u2'));
  t.is(woken, 1);
  allocations.release('u2');
  t.is(woken, 1, 'it did not wait any more');
  allocations.give(pod(sized('1'), 'u3'));
  wait();
  allocations.release('u3');
  t.is(woken, 2);
  t.deepEqual(allocations.others('u1'), []);
});

test('an agent that starts takes from the status what the node gave', (t) => {
  const wants = pod(sized('1'));
  const status = {
    containerStatuses: [
      {
        name: 'main',
        allocatedResources: { cpu: '100m' },
        resources: { requests: { cpu: '50m' }, limits: { cpu: '2' } },
      },
    ],
  };
  t.deepEqual(podAsAllocated(stored<Pod>({ ...wants, status })).spec.containers[0]?.resources, {
    requests: { cpu: '100m' },
    limits: { cpu: '2' },
  });
  t.deepEqual(podAsAllocated(wants).spec, wants.spec, 'a new pod has what it asks for');
});
