/** /stats/summary: what the machine and its pods use, in one JSON document. */
import { timeText } from '../../api/index.ts';
import { type ContainerSample, type Looks, rate, type Sample } from '../usage/index.ts';
import { type MeasuredPod, podReadAt, podSum } from './measured-pods.ts';

interface SummaryFacts {
  readonly node: string;
  readonly looks: Looks;
  readonly memoryBytes: number;
  readonly disk: { readonly totalBytes: number; readonly freeBytes: number };
  /** By pod uid. */
  readonly volumes?: ReadonlyMap<string, readonly object[]> | undefined;
  /** Wall-clock ms. */
  readonly now: number;
}

/** The document that the kubelet's stats API (v1alpha1) describes; what is not measured is left out. */
export function statsSummary(pods: readonly MeasuredPod[], facts: SummaryFacts): object {
  const { machine } = facts.looks.now;
  const before = facts.looks.before?.machine;
  return {
    node: {
      nodeName: facts.node,
      cpu: machine === undefined ? undefined : cpuOf(machine, before),
      memory:
        machine === undefined
          ? undefined
          : { ...memoryOf(machine), availableBytes: Math.max(0, facts.memoryBytes - machine.workingSetBytes) },
      fs: {
        time: timeText(facts.now),
        availableBytes: facts.disk.freeBytes,
        capacityBytes: facts.disk.totalBytes,
        usedBytes: facts.disk.totalBytes - facts.disk.freeBytes,
      },
    },
    pods: pods.map((pod) => ({
      ...podOf(pod, facts.looks),
      volume: facts.volumes?.get(pod.pod.metadata.uid ?? ''),
    })),
  };
}

function podOf(measured: MeasuredPod, { before }: Looks): object {
  const { metadata, status } = measured.pod;
  const earlier = new Map(before?.containers.map((sample) => [sample.id, sample]));
  const containers = measured.containers.map(({ sample }) => containerOf(sample, earlier.get(sample.id)));
  const time = timeText(podReadAt(measured));
  const rates = containers.map(({ cpu }) => cpu.usageNanoCores);
  return {
    podRef: { name: metadata.name, namespace: metadata.namespace, uid: metadata.uid },
    startTime: status?.startTime,
    containers,
    cpu: {
      time,
      usageNanoCores: rates.includes(undefined) ? undefined : rates.reduce<number>((sum, each) => sum + (each ?? 0), 0),
      usageCoreNanoSeconds: podSum(measured, 'cpuNanoseconds'),
    },
    memory: { time, workingSetBytes: podSum(measured, 'workingSetBytes') },
  };
}

interface ContainerStats {
  readonly name: string;
  readonly startTime: string;
  readonly cpu: CpuStats;
  readonly memory: object;
}

interface CpuStats {
  readonly time: string;
  /** Undefined until it was measured twice. */
  readonly usageNanoCores: number | undefined;
  readonly usageCoreNanoSeconds: number;
}

function containerOf(sample: ContainerSample, before: Sample | undefined): ContainerStats {
  return {
    name: sample.name,
    startTime: timeText(sample.startedAt),
    cpu: cpuOf(sample, before),
    memory: memoryOf(sample),
  };
}

function cpuOf(sample: Sample, before: Sample | undefined): CpuStats {
  return {
    time: timeText(sample.at),
    usageNanoCores: before === undefined ? undefined : rate(sample, before).cpuNanoCores,
    usageCoreNanoSeconds: sample.cpuNanoseconds,
  };
}

const memoryOf = (sample: Sample): object => ({
  time: timeText(sample.at),
  workingSetBytes: sample.workingSetBytes,
});
