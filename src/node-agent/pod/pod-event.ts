/** Events of a pod as effects of its step. */
import type { ContainerRecord } from './pod-state.ts';
import type { PodEffect } from './pod-messages.ts';

/** An event on the pod. */
export function podEvent(kind: 'Normal' | 'Warning', reason: string, message: string): PodEffect {
  return { type: 'event', event: { kind, reason, message } };
}

/** An event on one container of the pod. */
export function containerEvent(
  record: Pick<ContainerRecord, 'name' | 'role'>,
  kind: 'Normal' | 'Warning',
  reason: string,
  message: string,
): PodEffect {
  return { type: 'event', event: { kind, reason, message, fieldPath: fieldPathOf(record) } };
}

/** Where the container stands in its pod, as a kubelet's events name it. */
export function fieldPathOf({ name, role }: Pick<ContainerRecord, 'name' | 'role'>): string {
  const list = role === 'app' ? 'containers' : role === 'ephemeral' ? 'ephemeralContainers' : 'initContainers';
  return `spec.${list}{${name}}`;
}
