/** /metrics/resource and /metrics/cadvisor: CPU and memory of the machine, of pods and of containers. */
import { parseQuantity, quantityMilli } from '../../api/index.ts';
import type { Look, Sample } from '../usage/index.ts';
import type { RuntimeFacts } from '../runtime/index.ts';
import type { MetricFamily, Series } from './exposition.ts';
import { type MeasuredContainer, type MeasuredPod, podReadAt, podSum } from './measured-pods.ts';

const seconds = (nanoseconds: number): number => nanoseconds / 1e9;

/** What metrics-server and autoscalers read. */
export function resourceMetrics(pods: readonly MeasuredPod[], look: Look): readonly MetricFamily[] {
  const containers = pods.flatMap((pod) => pod.containers);
  const { machine } = look;
  return [
    counterFamily('container_cpu_usage_seconds_total', 'CPU time that the container has used, in seconds.', [
      ...containers.map((each) => ofContainer(each, seconds(each.sample.cpuNanoseconds))),
    ]),
    gaugeFamily('container_memory_working_set_bytes', 'Memory in use by the container, without idle file pages.', [
      ...containers.map((each) => ofContainer(each, each.sample.workingSetBytes)),
    ]),
    gaugeFamily('container_start_time_seconds', 'When the container started, in seconds since 1970.', [
      ...containers.map((each) => ({ ...ofContainer(each, each.sample.startedAt / 1000), at: undefined })),
    ]),
    counterFamily('node_cpu_usage_seconds_total', 'CPU time that the machine has used, in seconds.', [
      ...ofMachine(machine, seconds(machine?.cpuNanoseconds ?? 0)),
    ]),
    gaugeFamily('node_memory_working_set_bytes', 'Memory in use on the machine, without idle file pages.', [
      ...ofMachine(machine, machine?.workingSetBytes ?? 0),
    ]),
    counterFamily('pod_cpu_usage_seconds_total', 'CPU time that the containers of the pod have used, in seconds.', [
      ...pods.map((pod) => ofPod(pod, seconds(podSum(pod, 'cpuNanoseconds')))),
    ]),
    gaugeFamily('pod_memory_working_set_bytes', "Memory in use by the pod's containers, without idle file pages.", [
      ...pods.map((pod) => ofPod(pod, podSum(pod, 'workingSetBytes'))),
    ]),
    gaugeFamily('resource_scrape_error', '1 if the machine could not be measured, otherwise 0.', [
      { value: machine === undefined ? 1 : 0 },
    ]),
  ];
}

/** What dashboards read, under the names that cAdvisor gives it. */
export function cadvisorMetrics(pods: readonly MeasuredPod[], facts: RuntimeFacts): readonly MetricFamily[] {
  const containers = pods.flatMap((pod) => pod.containers);
  const each = (value: (container: MeasuredContainer) => number | undefined): readonly Series[] =>
    containers.flatMap((container) => {
      const found = value(container);
      return found === undefined ? [] : [{ labels: cadvisorLabels(container), value: found, at: container.sample.at }];
    });
  return [
    counterFamily('container_cpu_usage_seconds_total', 'CPU time that the container has used, in seconds.', [
      ...each(({ sample }) => seconds(sample.cpuNanoseconds)).map(({ labels, ...rest }) => ({
        labels: { ...labels, cpu: 'total' },
        ...rest,
      })),
    ]),
    gaugeFamily(
      'container_memory_working_set_bytes',
      'Memory in use by the container, without idle file pages.',
      each(({ sample }) => sample.workingSetBytes),
    ),
    gaugeFamily(
      'container_start_time_seconds',
      'When the container started, in seconds since 1970.',
      each(({ sample }) => sample.startedAt / 1000),
    ),
    gaugeFamily(
      'container_last_seen',
      'When the container was last measured, in seconds since 1970.',
      each(({ sample }) => Math.floor(sample.at / 1000)),
    ),
    gaugeFamily(
      'container_spec_memory_limit_bytes',
      "The container's limit of memory; 0 where it has none.",
      each(({ spec }) => quantityValue(spec?.resources?.limits?.['memory']) ?? 0),
    ),
    gaugeFamily(
      'container_spec_cpu_quota',
      "The container's limit of CPU, in microseconds of each period.",
      each(({ spec }) => {
        const cpus = quantityValue(spec?.resources?.limits?.['cpu']);
        return cpus === undefined ? undefined : cpus * cpuPeriodMicroseconds;
      }),
    ),
    gaugeFamily(
      'container_spec_cpu_period',
      'The period of the limit of CPU, in microseconds.',
      each(() => cpuPeriodMicroseconds),
    ),
    gaugeFamily('machine_cpu_cores', 'CPUs of the machine.', [{ value: facts.cpus }]),
    gaugeFamily('machine_memory_bytes', 'Memory of the machine.', [{ value: facts.memoryBytes }]),
  ];
}

const cpuPeriodMicroseconds = 100_000;

const quantityValue = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : quantityMilli(parseQuantity(text)) / 1000;

const counterFamily = (name: string, help: string, series: readonly Series[]): MetricFamily => ({
  name,
  type: 'counter',
  help,
  series,
});
const gaugeFamily = (name: string, help: string, series: readonly Series[]): MetricFamily => ({
  name,
  type: 'gauge',
  help,
  series,
});

const ofMachine = (machine: Sample | undefined, value: number): readonly Series[] =>
  machine === undefined ? [] : [{ value, at: machine.at }];

function ofContainer({ pod, sample }: MeasuredContainer, value: number): Series {
  const { name = '', namespace = '' } = pod.metadata;
  return { labels: { container: sample.name, namespace, pod: name }, value, at: sample.at };
}

function ofPod(measured: MeasuredPod, value: number): Series {
  const { name = '', namespace = '' } = measured.pod.metadata;
  return { labels: { namespace, pod: name }, value, at: podReadAt(measured) };
}

function cadvisorLabels({ pod, spec, sample }: MeasuredContainer): Readonly<Record<string, string>> {
  const { name = '', namespace = '' } = pod.metadata;
  return {
    container: sample.name,
    id: sample.id,
    image: spec?.image ?? '',
    name: `${sample.name}_${name}_${namespace}`,
    namespace,
    pod: name,
  };
}
