/**
 * CPU and memory that the machine and its containers use, reported to all members each period
 * (src/protocol/usage-report.ts).
 *
 *   pods' statuses -> running containers -> the kernel's counters (cgroup v1, v2) -> difference to the last round ->
 *   report
 *
 * A round asks the engine once for each new container, where its counters are, and reads three files of each from then
 * on. Takes the part of the kubelet's /metrics/resource and of metrics-server's sums; the working set is counted as
 * cAdvisor does it.
 */
export { type Looks, usageMeter, type UsageMeter } from './usage-meter.ts';
export { type ContainerSample, type Look, rate, type Sample } from './usage-rates.ts';
export { reportUsage } from './usage-reporter.ts';
export { kernelCounters, simulatedCounters, type UsageSource } from './usage-source.ts';
