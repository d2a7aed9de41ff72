/** The pods of a Job: their indexes, names and finalizer. */
import type { Container, Job, Pod } from '../../api/index.ts';
import { type PodDraft, podFromTemplate } from '../workload/index.ts';

/** Holds a pod until its end is counted in the job's status: no end is lost, none is counted twice. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';
const indexKey = 'batch.kubernetes.io/job-completion-index';
const failureCountKey = 'batch.kubernetes.io/job-index-failure-count';
const ignoredCountKey = 'batch.kubernetes.io/job-index-ignored-failure-count';

export const isIndexed = (job: Job): boolean => job.spec.completionMode === 'Indexed';
export const isTracked = (pod: Pod): boolean => pod.metadata.finalizers?.includes(trackingFinalizer) === true;

/** The pod's completion index; undefined when it has none. */
export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[indexKey];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** How often an index has failed (backoffLimitPerIndex). */
export interface IndexFailures {
  /** Those that count towards the limit. */
  readonly counted: number;
  /** Those that the failure policy ignores: they make the pauses longer. */
  readonly ignored: number;
}

export const noFailures: IndexFailures = { counted: 0, ignored: 0 };
export const allFailures = ({ counted, ignored }: IndexFailures): number => counted + ignored;

/** How often the index had failed before this pod. */
export function failuresBefore({ metadata: { annotations } }: Pod): IndexFailures {
  return { counted: Number(annotations?.[failureCountKey] ?? 0), ignored: Number(annotations?.[ignoredCountKey] ?? 0) };
}

function failureAnnotations({ spec }: Job, { counted, ignored }: IndexFailures): Readonly<Record<string, string>> {
  if (spec.backoffLimitPerIndex === undefined) return {};
  const annotations = { [failureCountKey]: String(counted) };
  return ignored === 0 ? annotations : { ...annotations, [ignoredCountKey]: String(ignored) };
}

/** Reads "0-2,5": indexes, and ranges that include their ends. */
export function parseIndexes(text: string | undefined, completions = Number.POSITIVE_INFINITY): ReadonlySet<number> {
  const indexes = new Set<number>();
  for (const part of (text ?? '').split(',')) {
    if (part === '') continue;
    const [from = '', to = from] = part.split('-');
    for (let index = Number(from); index <= Number(to) && index < completions; index++) indexes.add(index);
  }
  return indexes;
}

/** Writes indexes as "0-2,5". Two neighbours stay apart by a comma, as Kubernetes writes them. */
export function indexesText(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; i++) {
    const first = sorted[i] ?? 0;
    let last = first;
    while (sorted[i + 1] === last + 1) {
      last += 1;
      i += 1;
    }
    parts.push(
      last === first
        ? String(first)
        : last === first + 1
          ? `${String(first)},${String(last)}`
          : `${String(first)}-${String(last)}`,
    );
  }
  return parts.join(',');
}

/** What the API server keeps of a generateName. */
const prefixLengthMax = 58;

/** A long name is cut before its index, which would be lost otherwise. */
const prefixOf = (name: string, ending: string): string => name.slice(0, prefixLengthMax - ending.length) + ending;

/** A pod of the job; with an index it carries it as label, annotation, host name and environment variable. */
export function podOf(job: Job, index: number | undefined, failures: IndexFailures): PodDraft {
  if (index === undefined) return podFromTemplate(job, job.spec.template, { finalizers: [trackingFinalizer] });
  const text = String(index);
  const pod = podFromTemplate(job, job.spec.template, {
    generateName: prefixOf(job.metadata.name, `-${text}-`),
    labels: { [indexKey]: text },
    annotations: { [indexKey]: text, ...failureAnnotations(job, failures) },
    finalizers: [trackingFinalizer],
  });
  const { initContainers, containers } = pod.spec;
  return {
    ...pod,
    spec: {
      ...pod.spec,
      hostname: `${job.metadata.name}-${text}`,
      containers: containers.map(withIndex),
      initContainers: initContainers?.map(withIndex),
    },
  };
}

function withIndex(container: Container): Container {
  const variable = {
    name: 'JOB_COMPLETION_INDEX',
    valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexKey}']` } },
  };
  return container.env?.some((known) => known.name === variable.name) === true
    ? container
    : { ...container, env: [...(container.env ?? []), variable] };
}
