/** Brings together what was measured of containers and what their pods say. */
import { allContainers, type Container, type Pod } from '../../api/index.ts';
import type { ContainerSample } from '../usage/index.ts';

/** A container with its counters. */
export interface MeasuredContainer {
  readonly pod: Pod;
  readonly spec: Container | undefined;
  readonly sample: ContainerSample;
}

/** A pod of whose containers at least one was measured. */
export interface MeasuredPod {
  readonly pod: Pod;
  readonly containers: readonly MeasuredContainer[];
}

/** In the order of the pods. */
export function measuredPods(pods: readonly Pod[], samples: readonly ContainerSample[]): readonly MeasuredPod[] {
  const byPod = Map.groupBy(samples, ({ podUid }) => podUid);
  return pods.flatMap((pod) => {
    const containers = (byPod.get(pod.metadata.uid ?? '') ?? []).map((sample) => ({
      pod,
      spec: specOf(pod, sample.name),
      sample,
    }));
    return containers.length === 0 ? [] : [{ pod, containers }];
  });
}

function specOf(pod: Pod, name: string): Container | undefined {
  return allContainers(pod).find((container) => container.name === name);
}

/** The sum of one counter over a pod's containers. */
export function podSum(pod: MeasuredPod, counter: 'cpuNanoseconds' | 'workingSetBytes'): number {
  return pod.containers.reduce((sum, { sample }) => sum + sample[counter], 0);
}

/** The moment at which a pod's last container was read, in wall-clock ms. */
export function podReadAt(pod: MeasuredPod): number {
  return Math.max(...pod.containers.map(({ sample }) => sample.at));
}
