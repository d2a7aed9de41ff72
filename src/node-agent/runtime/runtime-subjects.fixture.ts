/** For tests: the engines of this machine that the suite of the runtime port holds for, each with what it needs. */
import test from 'ava';
import { systemClock as clock, systemTimers as timers } from '../../platform/index.ts';
import { makeTestImage, missingForDocker, testImage } from './busybox-image.fixture.ts';
import { missingForPodman, PodmanEngine } from './podman.fixture.ts';
import { ContainerdEngine, missingForContainerd } from './containerd.fixture.ts';
import {
  type ContainerRuntime,
  type ContainerSpec,
  criRuntime,
  dockerRuntime,
  type NetworkSpec,
  type OutputChunk,
  podmanRuntime,
  type RuntimeEvent,
  simulatedRuntime,
} from './index.ts';
import { plainSecurity } from './plain-security.fixture.ts';

interface Subject {
  readonly name: string;
  readonly runtime: ContainerRuntime;
}

export const run = `suite-${process.pid}`;
export const labels = { 'troupe.cluster': run };
/** Each has its own, as they share the machine. */
export const networkOf = (name: string): NetworkSpec & { readonly subnet: string } => {
  const third = subjects.findIndex((subject) => subject.name === name) * 2;
  const range = `10.251.${third}`;
  return {
    name: `troupe-${run}-${third}`,
    bridge: `trp-suite${third}`,
    subnet: `${range}.0/24`,
    gateway: `${range}.1`,
    labels,
  };
};

export function spec(name: string, script: string, more: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    name: `troupe-${run}-${name}`,
    image: testImage,
    labels: { ...labels, 'test.name': name },
    entrypoint: ['/bin/sh', '-c', script],
    environment: ['A=1'],
    network: { type: 'own', hostname: 'suite' },
    ipc: { mode: 'shareable' },
    pid: { mode: 'own' },
    mounts: [],
    resources: {},
    security: plainSecurity,
    ...more,
  };
}

export const subjects: Subject[] = [
  {
    name: 'simulated',
    runtime: simulatedRuntime({
      clock,
      timers,
      images: [testImage],
      registry: 'none',
      program: ({ entrypoint }) =>
        entrypoint?.[2]?.startsWith('echo') === true
          ? { runsMs: 1, exitCode: 3, output: ['one', 'two'] }
          : entrypoint?.[0] === '/missing'
            ? { startError: 'no such file' }
            : undefined,
      exec: () => ({ output: 'hello\n', exitCode: 7 }),
    }),
  },
];
const missing = missingForDocker();
if (missing === undefined)
  subjects.push({ name: 'docker', runtime: dockerRuntime({ socketPath: '/var/run/docker.sock', timers }) });
else console.log(`docker's part of the runtime suite is skipped: ${missing}`);
const withoutContainerd = missingForContainerd();
const containerd = withoutContainerd === undefined ? new ContainerdEngine() : undefined;
if (containerd === undefined) console.log(`containerd's part of the runtime suite is skipped: ${withoutContainerd}`);
else {
  const { socket: socketPath, logFolder, folder } = containerd;
  const seccompFolder = `${folder}/seccomp`;
  subjects.push({ name: 'containerd', runtime: criRuntime({ socketPath, clock, timers, logFolder, seccompFolder }) });
}

const withoutPodman = missingForPodman();
const podman = withoutPodman === undefined ? new PodmanEngine() : undefined;
if (podman === undefined) console.log(`podman's part of the runtime suite is skipped: ${withoutPodman}`);
else {
  const { socket: socketPath, folder } = podman;
  subjects.push({ name: 'podman', runtime: podmanRuntime({ socketPath, timers, seccompFolder: `${folder}/seccomp` }) });
}

test.before(async () => {
  if (missing === undefined) makeTestImage();
  await containerd?.start();
  await containerd?.importBusybox(`docker.io/${testImage}`);
  await podman?.start();
  await podman?.importBusybox(`docker.io/${testImage}`);
  for (const { name, runtime } of subjects) {
    await runtime.ensureNetwork(networkOf(name));
    await runtime.ensureNetwork(networkOf(name));
  }
});
test.after.always(async () => {
  for (const { name, runtime } of subjects) {
    for (const container of await runtime.list(labels)) await runtime.remove(container.id);
    await runtime.removeNetwork(networkOf(name).name, labels);
    runtime.close();
  }
  await containerd?.stop();
  await podman?.stop();
});

export async function text(output: AsyncIterable<OutputChunk>): Promise<string> {
  let all = '';
  for await (const chunk of output) all += Buffer.from(chunk.data).toString();
  return all;
}

export function nextEvent(
  runtime: ContainerRuntime,
  type: RuntimeEvent['type'],
  name: string,
): { seen: Promise<RuntimeEvent>; ready: Promise<void> } {
  let connected: () => void;
  const ready = new Promise<void>((resolve) => {
    connected = resolve;
  });
  const seen = new Promise<RuntimeEvent>((resolve) => {
    const feed = runtime.events(labels, (event) => {
      if (event.type === 'connected') connected();
      if (event.type === type && 'labels' in event && event.labels['test.name'] === name) {
        feed.close();
        resolve(event);
      }
    });
  });
  return { seen, ready };
}
