import test from 'ava';
import { containerHash } from '../container/index.ts';
import type { Pod } from '../../api/index.ts';
import { isOver, type PodInput, podStatus } from './index.ts';
import { container, Play, pod, ready } from './pod-play.fixture.ts';

test('volumes, sandbox and image begin together; a container is created while its sandbox starts', (t) => {
  const play = new Play(pod());
  t.deepEqual(play.tell({ type: 'tick' }), ['prepare-volumes', 'open-sandbox', 'ensure-image main']);
  t.deepEqual(play.tell({ type: 'tick' }), []);
  t.deepEqual(play.tell({ type: 'image-ready', container: 'main', id: 'i', user: '' }, { type: 'volumes-ready' }), []);
  t.deepEqual(play.tell({ type: 'sandbox-created', id: 'box', addresses: ['10.244.0.2'] }), ['create-container main']);
  t.deepEqual(
    play.tell({
      type: 'container-created',
      container: 'main',
      id: 'c',
      hash: containerHash(container('main')),
      sandboxId: 'box',
    }),
    ['Created: Created container: main'],
  );
  t.deepEqual(play.tell({ type: 'sandbox-started' }), ['start-container main']);
  t.deepEqual(play.tell({ type: 'container-started', container: 'main', id: 'c', startedAt: play.now }), [
    'Started: Started container main',
  ]);
  t.like(play.status(), { phase: 'Running', podIP: '10.244.0.2', hostIP: '192.0.2.2', qosClass: 'BestEffort' });
  t.is(ready(play), 'True');
});

test('init containers run one after the other, and the status names those that are missing', (t) => {
  const play = new Play(pod({ initContainers: [container('one'), container('two')] }));
  play.run('one');
  const initialized = play.status().conditions?.find(({ type }) => type === 'Initialized');
  t.like(initialized, {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: 'containers with incomplete status: [one two]',
  });
  t.is(play.status().phase, 'Pending');
  t.is(play.status().containerStatuses?.[0]?.state?.waiting?.reason, 'PodInitializing');
  t.deepEqual(play.end('one', 0), ['stop-probes one', 'ensure-image two']);
  play.start('two');
  t.deepEqual(play.end('two', 0), ['stop-probes two', 'ensure-image main']);
});

test('a sidecar lets the next one begin when it has started, and is stopped last', (t) => {
  const play = new Play(pod({ initContainers: [container('proxy', { restartPolicy: 'Always' })] }));
  play.run('proxy', 'main');
  t.is(play.status().phase, 'Running');
  const words = play.tell({
    type: 'pod-changed',
    pod: pod(
      { initContainers: [container('proxy', { restartPolicy: 'Always' })] },
      { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 },
    ),
  });
  t.deepEqual(words, ['Killing: Stopping container main', 'stop-probes main', 'stop-container main']);
  t.deepEqual(play.end('main', 143), [
    'stop-probes main',
    'Killing: Stopping container proxy',
    'stop-probes proxy',
    'stop-container proxy',
  ]);
});

test('a sidecar has a moment to stop where the app has used up the grace period', (t) => {
  const sidecar = { initContainers: [container('proxy', { restartPolicy: 'Always' })] };
  const graces = [10, 0].map((deletionGracePeriodSeconds) => {
    const play = new Play(pod(sidecar));
    play.run('proxy', 'main');
    const deletion = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds };
    play.tell({ type: 'pod-changed', pod: pod(sidecar, deletion) });
    play.now += 11_000;
    play.end('main', 137);
    const stop = play.effects.find((effect) => effect.type === 'stop-container');
    return [stop?.container, stop?.graceMs];
  });
  t.deepEqual(graces, [
    ['proxy', 2000],
    ['proxy', 0],
  ]);
});

test('a failed init container fails a pod that never restarts', (t) => {
  const play = new Play(pod({ restartPolicy: 'Never', initContainers: [container('one')] }));
  play.run('one');
  t.deepEqual(play.end('one', 1), ['stop-probes one', 'close-sandbox box']);
  t.is(play.status().phase, 'Failed');
});

test('a restart is counted when the new container runs and is ready, not before', (t) => {
  const play = new Play(pod());
  play.run('main');
  const seen = new Set<string>();
  const look = (): void => {
    const status = play.status();
    const [main] = status.containerStatuses ?? [];
    const ready = status.conditions?.find(({ type }) => type === 'Ready')?.status;
    seen.add(
      `${main?.restartCount} ${main?.containerID} ${Object.keys(main?.state ?? {}).join()} ${main?.ready} ${ready}`,
    );
  };
  look();
  const old = play.state.containers.get('main')?.id ?? '';
  for (const input of [
    {
      type: 'container-ended',
      container: 'main',
      end: { id: old, exitCode: 1, reason: 'Error', finishedAt: play.now },
    },
    { type: 'image-ready', container: 'main', id: 'sha256:1', user: '' },
    {
      type: 'container-created',
      container: 'main',
      id: 'new',
      hash: containerHash(container('main')),
      sandboxId: 'box',
    },
    { type: 'container-started', container: 'main', id: 'new', startedAt: play.now },
  ] as const) {
    play.tell(input);
    look();
  }
  t.deepEqual(
    [...seen],
    [
      `0 docker://${old} running true True`,
      `0 docker://${old} terminated false False`,
      '1 docker://new running true True',
    ],
  );
});

test('restart policies decide the end of a pod', (t) => {
  const outcome = (restartPolicy: 'Always' | 'OnFailure' | 'Never', exitCode: number): string | undefined => {
    const play = new Play(pod({ restartPolicy }));
    play.run('main');
    play.end('main', exitCode);
    return play.status().phase;
  };
  t.is(outcome('Never', 0), 'Succeeded');
  t.is(outcome('Never', 1), 'Failed');
  t.is(outcome('OnFailure', 0), 'Succeeded');
  t.is(outcome('OnFailure', 1), 'Running');
  t.is(outcome('Always', 0), 'Running');
});

test('a missing ConfigMap is shown and tried again soon', (t) => {
  const play = new Play(pod());
  play.run();
  play.tell({ type: 'image-ready', container: 'main', id: 'i', user: '' });
  play.tell({
    type: 'container-create-failed',
    container: 'main',
    reason: 'CreateContainerConfigError',
    message: 'configmap "x" not found',
  });
  t.deepEqual(play.status().containerStatuses?.[0]?.state?.waiting, {
    reason: 'CreateContainerConfigError',
    message: 'configmap "x" not found',
  });
  t.deepEqual(play.after(250), ['create-container main']);
});

test('a deleted pod is stopped, cleaned up, and leaves the API last', (t) => {
  const play = new Play(pod());
  play.run('main');
  const deleted = pod({}, { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 });
  play.tell({ type: 'pod-changed', pod: deleted });
  t.like(play.effects.at(-1), { type: 'stop-container', graceMs: 30_000, preStop: true });
  t.deepEqual(play.tell({ type: 'pod-changed', pod: deleted }), []);
  t.deepEqual(play.end('main', 143), ['stop-probes main', 'clean-up']);
  t.deepEqual(play.tell({ type: 'sandbox-ended', id: 'box' }), []);
  t.deepEqual(play.tell({ type: 'cleaned-up' }), ['remove-from-api']);
  t.is(play.status().phase, 'Failed');
  t.false(isOver(play.state));
  play.tell({ type: 'removed-from-api' });
  t.true(isOver(play.state));
});

test('a shorter grace period takes effect at once', (t) => {
  const play = new Play(pod());
  play.run('main');
  play.tell({
    type: 'pod-changed',
    pod: pod({}, { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 }),
  });
  play.tell({
    type: 'pod-changed',
    pod: pod({}, { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 5 }),
  });
  t.like(play.effects.at(-1), { type: 'stop-container', graceMs: 5000, preStop: false });
});

test('a pod that is gone from the API is stopped and removed without a word to the API', (t) => {
  const play = new Play(pod());
  play.run('main');
  play.tell({ type: 'pod-gone' });
  t.deepEqual(play.end('main', 137), ['stop-probes main', 'clean-up']);
  t.deepEqual(play.tell({ type: 'cleaned-up' }), []);
  t.true(isOver(play.state));
});

test('a sandbox that ended takes its containers along; all begin again with the next attempt', (t) => {
  const play = new Play(pod({ initContainers: [container('one')] }));
  play.run('one');
  play.end('one', 0);
  play.start('main');
  t.deepEqual(play.tell({ type: 'sandbox-ended', id: 'box' }), [
    'SandboxChanged: Pod sandbox changed, it will be killed and re-created.',
    'stop-probes main',
    'stop-container main',
  ]);
  t.deepEqual(play.end('main', 137), ['stop-probes main', 'close-sandbox box']);
  t.deepEqual(play.tell({ type: 'sandbox-closed' }), ['open-sandbox', 'ensure-image one']);
  t.is(play.state.sandbox.attempt, 1);
});

test('a sandbox that could not start leaves no container of its behind', (t) => {
  const play = new Play(pod());
  play.tell(
    { type: 'tick' },
    { type: 'volumes-ready' },
    { type: 'image-ready', container: 'main', id: 'i', user: '' },
    { type: 'sandbox-created', id: 'box', addresses: ['a'] },
  );
  play.tell({ type: 'sandbox-failed', message: 'no' });
  play.tell({ type: 'container-created', container: 'main', id: 'c', hash: '', sandboxId: 'box' });
  play.after(250);
  t.deepEqual(
    play.tell({ type: 'sandbox-created', id: 'box2', addresses: ['a'] }, { type: 'sandbox-started' }, { type: 'tick' }),
    ['create-container main'],
  );
  t.is(play.state.containers.get('main')?.attempt, 0);
});

test('a failed probe restarts its container once, with the grace of the probe', (t) => {
  const play = new Play(pod());
  play.run('main');
  const failed: PodInput = { type: 'probe-failed', container: 'main', id: 'main-0', probe: 'liveness', graceMs: 1000 };
  t.deepEqual(play.tell(failed), [
    'Killing: Container main failed liveness probe, will be restarted',
    'stop-probes main',
    'stop-container main',
  ]);
  t.deepEqual(play.tell(failed), []);
});

test('readiness follows the probe, and news of an earlier attempt are ignored', (t) => {
  const play = new Play(pod({ containers: [container('main', { readinessProbe: { exec: { command: ['true'] } } })] }));
  play.run('main');
  t.is(ready(play), 'False');
  play.tell({ type: 'probe-changed', container: 'main', id: 'main-9', probe: 'readiness', passed: true });
  t.is(ready(play), 'False');
  play.tell({ type: 'probe-changed', container: 'main', id: 'main-0', probe: 'readiness', passed: true });
  t.is(ready(play), 'True');
});

test('a readiness gate holds the pod back until its condition is true', (t) => {
  const gated = pod({ readinessGates: [{ conditionType: 'www.example.com/gate' }] });
  const play = new Play(gated);
  play.run('main');
  t.like(
    play.status().conditions?.find(({ type }) => type === 'Ready'),
    { status: 'False', reason: 'ReadinessGatesNotReady' },
  );
  play.tell({
    type: 'pod-changed',
    pod: { ...gated, status: { conditions: [{ type: 'www.example.com/gate', status: 'True' }] } },
  });
  t.is(ready(play), 'True');
  t.is(play.status().conditions?.at(-1)?.type, 'www.example.com/gate');
});

test("what others say of a pod that ends stands behind the node's own conditions", (t) => {
  const play = new Play(pod());
  play.run('main');
  const evicted = pod({}, { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 });
  const told = [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }];
  play.tell({ type: 'pod-changed', pod: { ...evicted, status: { conditions: told } } as Pod });
  const types = play.status().conditions?.map(({ type }) => type) ?? [];
  t.true(types.indexOf('Ready') < types.indexOf('DisruptionTarget'), types.join());
});

test('a changed image stops the container, whatever the restart policy, and the new one is made', (t) => {
  const play = new Play(pod());
  play.run('main');
  t.deepEqual(play.tell({ type: 'pod-changed', pod: pod({ containers: [container('main', { image: 'web:2' })] }) }), [
    'Killing: Container main definition changed, will be restarted',
    'stop-probes main',
    'stop-container main',
  ]);
  t.deepEqual(play.end('main', 143), ['stop-probes main', 'ensure-image main']);
});

test('a pod that the node refuses shows that alone, and nothing of containers that were never looked at', (t) => {
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: null } as const;
  const asked = { ...pod(), status: { phase: 'Pending', conditions: [scheduled], qosClass: 'BestEffort' } } as Pod;
  const play = new Play(asked);
  const why = { reason: 'OutOfcpu', message: "Node didn't have enough resource: cpu" };
  t.deepEqual(play.tell({ type: 'evict', ...why, refused: true })[0], `OutOfcpu: ${why.message}`);
  const message = `Pod was rejected: ${why.message}`;
  const shown = { ...asked.status, phase: 'Failed', ...why, message, startTime: '1970-01-01T00:16:40Z' } as const;
  t.deepEqual(play.status(), shown);
  // An agent that starts again has forgotten why.
  t.deepEqual(new Play({ ...asked, status: shown }).status(), shown);
});

test('a container that is added later has volumes that nobody used before', (t) => {
  const volumes = [{ name: 'data', emptyDir: {} }];
  const play = new Play(pod({ volumes }));
  play.run('main');
  const volumeMounts = [{ name: 'data', mountPath: '/data' }];
  const ephemeralContainers = [container('look', { volumeMounts })];
  t.true(play.tell({ type: 'pod-changed', pod: pod({ volumes, ephemeralContainers }) }).includes('prepare-volumes'));
  t.deepEqual(play.tell({ type: 'image-ready', container: 'look', id: 'i', user: '' }), []);
  t.deepEqual(play.tell({ type: 'volumes-ready' }), ['create-container look']);
});

test('a pod is not over before its sidecars are', (t) => {
  const side = container('proxy', { restartPolicy: 'Always' });
  const play = new Play(pod({ restartPolicy: 'Never', initContainers: [side] }));
  play.run('proxy', 'main');
  play.tell({ type: 'pod-changed', pod: { ...play.state.pod, status: play.status() } });
  play.end('main', 0);
  t.is(play.status().phase, 'Running');
  play.end('proxy', 143);
  t.is(play.status().phase, 'Succeeded');
});

test('a sidecar that waits to be started again when its pod ends shows how it ended', (t) => {
  const side = container('proxy', { restartPolicy: 'Always' });
  const play = new Play(pod({ restartPolicy: 'OnFailure', initContainers: [side] }));
  play.run('proxy', 'main');
  play.end('proxy', 2);
  play.start('proxy');
  play.end('proxy', 3);
  t.like(play.status().initContainerStatuses?.[0]?.state, { waiting: { reason: 'CrashLoopBackOff' } });
  play.end('main', 0);
  const { phase, initContainerStatuses = [] } = play.status();
  t.is(phase, 'Succeeded');
  t.like(initContainerStatuses[0], {
    state: { terminated: { exitCode: 3, reason: 'Error' } },
    lastState: { terminated: { exitCode: 2 } },
    restartCount: 1,
  });
});

test('a pod past its deadline fails', (t) => {
  const play = new Play(pod({ activeDeadlineSeconds: 5 }));
  play.run('main');
  t.is(play.wakeAt, play.state.seenAt + 5000);
  t.deepEqual(play.after(5000), [
    'DeadlineExceeded: Pod was active on the node longer than the specified deadline',
    'Killing: Stopping container main',
    'stop-probes main',
    'stop-container main',
  ]);
  play.end('main', 143);
  t.like(play.status(), { phase: 'Failed', reason: 'DeadlineExceeded' });
});

test('what never came to run in a pod that is over has an end, too', (t) => {
  const play = new Play(pod({ activeDeadlineSeconds: 5, initContainers: [container('first'), container('second')] }));
  play.run();
  play.after(5000);
  const { phase, initContainerStatuses = [], containerStatuses = [] } = play.status();
  t.is(phase, 'Failed');
  t.like(initContainerStatuses[0]?.state, { terminated: { reason: 'ContainerStatusUnknown', exitCode: 137 } });
  t.like(initContainerStatuses[1]?.state, { waiting: { reason: 'PodInitializing' } }, 'the pod had not come to it');
  t.like(containerStatuses[0]?.state, { waiting: { reason: 'PodInitializing' } });

  const plain = new Play(pod({ activeDeadlineSeconds: 5 }));
  plain.run();
  plain.after(5000);
  t.like(plain.status().containerStatuses?.[0]?.state, {
    terminated: { reason: 'ContainerStatusUnknown', exitCode: 137 },
  });
});

test('containers can start when the volumes are there, too, and a later look at them takes nothing back', (t) => {
  const play = new Play(pod());
  const facts = { hostIps: ['192.0.2.1'], runtimeName: 'docker' };
  const ready = (): string | undefined => {
    const status = podStatus(play.state, { ...facts, now: play.now });
    play.state = { ...play.state, pod: { ...play.state.pod, status } as Pod };
    return status.conditions?.find(({ type }) => type === 'PodReadyToStartContainers')?.status;
  };
  play.tell(
    { type: 'tick' },
    { type: 'sandbox-created', id: 'box', addresses: ['10.244.0.2'] },
    { type: 'sandbox-started' },
  );
  t.is(ready(), 'False');
  play.tell({ type: 'volumes-ready' });
  t.is(ready(), 'True');
  play.state = { ...play.state, volumes: { phase: 'preparing', retries: 0 } };
  t.is(ready(), 'True');
});

test('a container shows how its volumes are mounted, from the start on', (t) => {
  const mounts = [
    { name: 'data', mountPath: '/data' },
    { name: 'config', mountPath: '/config', readOnly: true },
    { name: 'whole', mountPath: '/whole', readOnly: true, recursiveReadOnly: 'Enabled' },
    { name: 'perhaps', mountPath: '/perhaps', readOnly: true, recursiveReadOnly: 'IfPossible' },
  ];
  const play = new Play(pod({ containers: [{ name: 'main', image: 'i', volumeMounts: mounts }] }));
  t.deepEqual(play.status().containerStatuses?.[0]?.volumeMounts, [
    { name: 'data', mountPath: '/data', readOnly: undefined, recursiveReadOnly: undefined },
    { name: 'config', mountPath: '/config', readOnly: true, recursiveReadOnly: 'Disabled' },
    { name: 'whole', mountPath: '/whole', readOnly: true, recursiveReadOnly: 'Enabled' },
    { name: 'perhaps', mountPath: '/perhaps', readOnly: true, recursiveReadOnly: 'Disabled' },
  ]);
  t.is(new Play(pod()).status().containerStatuses?.[0]?.volumeMounts, undefined);
});
