import { parseQuantity, quantityMilli, quantityUnits } from '../api/index.ts';
import type { Container, Pod, ResourceList } from './objects.ts';

/**
 * Amounts of resources as plain numbers: CPU in thousandths of a core, memory and ephemeral storage in bytes,
 * everything else in whole units by name.
 */
export interface Amounts {
  cpuMilli: number;
  memory: number;
  ephemeralStorage: number;
  /** Extended resources and huge pages; absent when there are none. */
  others: Map<string, number> | undefined;
}

export const noAmounts = (): Amounts => ({ cpuMilli: 0, memory: 0, ephemeralStorage: 0, others: undefined });

/** What a container without requests is taken to need when nodes are compared (not when they are filtered). */
export const assumedCpuMilli = 100;
export const assumedMemory = 200 * 1024 * 1024;

const parsed = new Map<string, number>();
const parsedMax = 10_000;

function numberOf(text: string | number, milli: boolean): number {
  const key = `${milli ? 'm' : 'u'}${String(text)}`;
  const known = parsed.get(key);
  if (known !== undefined) return known;
  const quantity = parseQuantity(text);
  const value = milli ? quantityMilli(quantity) : quantityUnits(quantity);
  if (parsed.size >= parsedMax) parsed.clear();
  parsed.set(key, value);
  return value;
}

/** Reads a resource list. `pods` is counted elsewhere. */
export function amountsOf(list: ResourceList | undefined): Amounts {
  const amounts = noAmounts();
  for (const [name, value] of Object.entries(list ?? {})) {
    if (name === 'cpu') amounts.cpuMilli = numberOf(value, true);
    else if (name === 'memory') amounts.memory = numberOf(value, false);
    else if (name === 'ephemeral-storage') amounts.ephemeralStorage = numberOf(value, false);
    else if (name !== 'pods') (amounts.others ??= new Map()).set(name, numberOf(value, false));
  }
  return amounts;
}

export function podsIn(list: ResourceList | undefined): number {
  const value = list?.['pods'];
  return value === undefined ? 0 : numberOf(value, false);
}

/** Adds `factor` times the amounts: 1 takes up, -1 gives back. */
export function addAmounts(to: Amounts, from: Amounts, factor = 1): void {
  to.cpuMilli += factor * from.cpuMilli;
  to.memory += factor * from.memory;
  to.ephemeralStorage += factor * from.ephemeralStorage;
  if (from.others === undefined) return;
  to.others ??= new Map();
  for (const [name, value] of from.others) to.others.set(name, (to.others.get(name) ?? 0) + factor * value);
}

/** Whether both are the same, as far as they name no others. */
export function sameAmounts(one: Amounts, two: Amounts): boolean {
  return (
    one.cpuMilli === two.cpuMilli &&
    one.memory === two.memory &&
    one.ephemeralStorage === two.ephemeralStorage &&
    one.others === undefined &&
    two.others === undefined
  );
}

function raise(to: Amounts, from: Amounts): void {
  to.cpuMilli = Math.max(to.cpuMilli, from.cpuMilli);
  to.memory = Math.max(to.memory, from.memory);
  to.ephemeralStorage = Math.max(to.ephemeralStorage, from.ephemeralStorage);
  if (from.others === undefined) return;
  to.others ??= new Map();
  for (const [name, value] of from.others) to.others.set(name, Math.max(to.others.get(name) ?? 0, value));
}

function assumed(container: Container): Amounts {
  const amounts = amountsOf(container.resources?.requests);
  const requests = container.resources?.requests ?? {};
  if (requests['cpu'] === undefined) amounts.cpuMilli = assumedCpuMilli;
  if (requests['memory'] === undefined) amounts.memory = assumedMemory;
  return amounts;
}

/**
 * What a pod needs: its containers together, or the largest moment of its start (an init container beside the sidecars
 * that run already), whichever is more, plus its overhead. `amounts` reads one container.
 */
function needs(pod: Pod, amounts: (container: Container) => Amounts): Amounts {
  const running = noAmounts();
  for (const container of pod.spec.containers) addAmounts(running, amounts(container));
  const sidecars = noAmounts();
  const starting = noAmounts();
  for (const container of pod.spec.initContainers ?? []) {
    const own = amounts(container);
    if (container.restartPolicy === 'Always') {
      addAmounts(sidecars, own);
      addAmounts(running, own);
      raise(starting, sidecars);
    } else {
      addAmounts(own, sidecars);
      raise(starting, own);
    }
  }
  raise(running, starting);
  addAmounts(running, amountsOf(pod.spec.overhead));
  return running;
}

/** What must be free on a node for the pod. */
export function requestsOf(pod: Pod): Amounts {
  return needs(pod, (container) => amountsOf(container.resources?.requests));
}

/** What the pod is taken to need when nodes are scored: containers without requests count too. */
export function assumedRequestsOf(pod: Pod): Amounts {
  return needs(pod, assumed);
}
