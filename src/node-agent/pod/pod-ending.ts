/** How a pod ends: containers, sandbox, volumes, and last its object. */
import type { Pod } from '../../api/index.ts';
import type { Draft } from './draft.ts';
import { containerEvent } from './pod-event.ts';
import { evictedReason } from './pod-status.ts';
import { type ContainerRecord, isAlive, withContainer } from './pod-state.ts';

/**
 * Brings a pod to its end: app containers stop together, then the sidecars, last one first; their preStop hooks begin
 * all together, as in a kubelet, for which the order is that of the signals. Then sandbox and volumes go; a deleted pod
 * leaves the API last, when nothing of it is left on the node. A finished pod keeps its containers for their logs.
 */
export function planEnding(draft: Draft, now: number): void {
  const { ending } = draft.state;
  if (ending === undefined) return;
  const records = [...draft.state.containers.values()];
  const deadline = ending.since + ending.graceMs;
  const living = records.filter(isAlive);
  const first = living.filter(({ role }) => role !== 'sidecar');
  const next = first.length > 0 ? first : living.slice(-1);
  for (const record of next) planStop(draft, record, { now, deadline, ending });
  for (const record of living) if (!next.includes(record)) tellOfEnd(draft, record, deadline - now);
  if (living.length > 0) return;
  planTearDown(draft);
}

/** The kubelet's minimumGracePeriodInSeconds. */
const graceMsMin = 2000;

function planStop(
  draft: Draft,
  record: ContainerRecord,
  at: { readonly now: number; readonly deadline: number; readonly ending: { readonly graceMs: number } },
): void {
  // A container that is being made is stopped once its start is known.
  if (record.phase !== 'running' || record.id === undefined) return;
  if (record.stopping !== undefined && record.stopping.deadline <= at.deadline) return;
  // A sidecar that waited for its turn until the time was up still gets a moment to stop.
  const least = record.role === 'sidecar' && at.ending.graceMs > 0 ? graceMsMin : 0;
  const graceMs = Math.max(least, at.deadline - at.now);
  const again = record.stopping !== undefined;
  draft.state = withContainer(draft.state, record.name, (each) => ({ ...each, stopping: { deadline: at.deadline } }));
  if (!again)
    draft.effects.push(containerEvent(record, 'Normal', 'Killing', `Stopping container ${record.name}`), {
      type: 'stop-probes',
      container: record.name,
      // Who sends traffic to a pod that ends learns when it serves no longer; nothing of it is started again.
      except: 'readiness',
    });
  draft.effects.push({ type: 'stop-container', container: record.name, id: record.id, graceMs, preStop: !again });
}

/** A sidecar that waits for its turn: nobody asks any more whether it lives, and its preStop hook begins. */
function tellOfEnd(draft: Draft, record: ContainerRecord, graceMs: number): void {
  const { name: container, id, phase, spec } = record;
  if (phase !== 'running' || id === undefined || record.stopping !== undefined || record.toldOfEnd === true) return;
  draft.state = withContainer(draft.state, container, (each) => ({ ...each, toldOfEnd: true }));
  if ((spec.livenessProbe ?? spec.startupProbe) !== undefined)
    draft.effects.push({ type: 'stop-probes', container, except: 'readiness' });
  if (spec.lifecycle?.preStop !== undefined && graceMs > 0)
    draft.effects.push({ type: 'run-pre-stop', container, id, graceMs });
}

function planTearDown(draft: Draft): void {
  const { ending, sandbox, volumes, cleanUp, removal } = draft.state;
  if (sandbox.phase === 'opening' || sandbox.phase === 'created' || volumes.phase === 'preparing') return;
  const closing = { ...sandbox, phase: 'closing' as const };
  // What an evicted pod holds is what the node needs.
  if (ending?.cause === 'deleted' || draft.state.failure?.reason === evictedReason) {
    if (cleanUp === 'no') {
      // It removes all that the engine has of the pod, the sandbox among it.
      draft.state = { ...draft.state, cleanUp: 'running', sandbox: closing };
      draft.effects.push({ type: 'clean-up' });
    } else if (ending?.cause === 'deleted' && cleanUp === 'done' && removal === 'no') {
      draft.state = { ...draft.state, removal: 'running' };
      draft.effects.push({ type: 'remove-from-api' });
    }
    return;
  }
  if (draft.state.devices === 'held') {
    draft.state = { ...draft.state, devices: 'releasing' };
    draft.effects.push({ type: 'release-devices' });
  }
  if (volumes.phase !== 'released' && holdsSharedVolumes(draft.state.pod)) {
    draft.state = { ...draft.state, volumes: { phase: 'released', retries: 0 } };
    draft.effects.push({ type: 'release-volumes' });
  }
  if ((sandbox.phase === 'ready' || sandbox.phase === 'failed') && sandbox.id !== undefined) {
    draft.state = { ...draft.state, sandbox: closing };
    draft.effects.push({ type: 'close-sandbox', id: sandbox.id });
  }
}

/** Whether others may wait for a volume of the pod. */
function holdsSharedVolumes({ spec }: Pod): boolean {
  return (spec.volumes ?? []).some(
    ({ persistentVolumeClaim, ephemeral, csi }) => (persistentVolumeClaim ?? ephemeral ?? csi) !== undefined,
  );
}

/** Nothing of the pod is left here: its actor may go. */
export function isOver(state: Draft['state']): boolean {
  return state.ending?.cause === 'deleted' && state.cleanUp === 'done' && state.removal === 'done';
}
