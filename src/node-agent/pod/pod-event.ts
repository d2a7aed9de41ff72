/** Events of a pod as effects of its step. */
import type { ContainerRecord } from './pod-state.ts';
import type { PodEffect } from './pod-messages.ts';

/** An event on the pod. */
export function podEvent(kind: 'Normal' | 'Warning', reason: string, message: string): PodEffect {
  return { type: 'event', event: { kind, reason, message } };
}

/** An event on one container of the pod; its field path names it as the kubelet does. */
export function containerEvent(
  record: Pick<ContainerRecord, 'name' | 'role'>,
  kind: 'Normal' | 'Warning',
  reason: string,
  message: string,
): PodEffect {
  const list =
    record.role === 'app' ? 'containers' : record.role === 'ephemeral' ? 'ephemeralContainers' : 'initContainers';
  return { type: 'event', event: { kind, reason, message, fieldPath: `spec.${list}{${record.name}}` } };
}
