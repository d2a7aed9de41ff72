/**
 * Processors for containers that want whole ones to themselves: the kubelet's CPU manager with the policy `static`.
 *
 *   Guaranteed pod, whole processors ── grant ──> takeCpus: whole sockets, cores, then threads ──> its own cpuset
 *   every other container ── grant ──> all that nobody has to itself; moved whenever that changes
 *
 * Contract: no processor is two containers' own, but that a pod's init containers pass theirs on. What was given is on
 * disk, and the others have moved away, before the container is made; it stays the same over restarts of container
 * and agent. Reserved processors are nobody's own. Follows the kubelet's policy `static` without options.
 */
export { checkCpuSettings, type CpuSettings, reservedCpus } from './cpu-settings.ts';
export { parseCpuList } from './cpu-list.ts';
export { machineCpus, type MachineCpus, simulatedCpus } from './machine-cpus.ts';
export { NodeCpus } from './node-cpus.ts';
