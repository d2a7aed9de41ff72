/** The inputs and effects of a pod's step, and the messages of its actor. */
import type { Pod, ResourceRequirements } from '../../api/index.ts';
import type { ContainerFacts, RuntimeEvent } from '../runtime/index.ts';
import type { ContainerEnd } from './pod-state.ts';

/** What the node says to a resize. `deferred`: not now. `infeasible`: never on this node. */
export type ResizeVerdict =
  | { readonly outcome: 'allowed' }
  | { readonly outcome: 'deferred' | 'infeasible'; readonly message: string };

/** What happened to a pod, as the API, the engine and its own effects report it. */
export type PodInput =
  | { readonly type: 'pod-changed'; readonly pod: Pod }
  | { readonly type: 'pod-gone' }
  | { readonly type: 'sandbox-created'; readonly id: string; readonly addresses: readonly string[] }
  | { readonly type: 'sandbox-started' }
  | { readonly type: 'sandbox-failed'; readonly message: string }
  | { readonly type: 'sandbox-ended'; readonly id: string }
  | { readonly type: 'sandbox-closed' }
  | { readonly type: 'volumes-ready' }
  | { readonly type: 'volumes-failed'; readonly message: string; readonly reason?: string | undefined }
  | { readonly type: 'devices-released' }
  | { readonly type: 'image-ready'; readonly container: string; readonly id: string; readonly user: string }
  | { readonly type: 'image-failed'; readonly container: string; readonly reason: string; readonly message: string }
  | {
      readonly type: 'container-created';
      readonly container: string;
      readonly id: string;
      readonly hash: string;
      readonly sandboxId: string;
    }
  | {
      readonly type: 'container-create-failed';
      readonly container: string;
      readonly reason: string;
      readonly message: string;
    }
  | { readonly type: 'container-started'; readonly container: string; readonly id: string; readonly startedAt: number }
  | { readonly type: 'container-start-failed'; readonly container: string; readonly end: ContainerEnd }
  | { readonly type: 'hook-done'; readonly container: string; readonly id: string }
  | { readonly type: 'hook-failed'; readonly container: string; readonly id: string; readonly message: string }
  | { readonly type: 'container-ended'; readonly container: string; readonly end: ContainerEnd }
  | { readonly type: 'container-lost'; readonly container: string; readonly id: string }
  | {
      readonly type: 'probe-changed';
      readonly container: string;
      readonly id: string;
      readonly probe: 'startup' | 'readiness';
      readonly passed: boolean;
    }
  | {
      readonly type: 'probe-failed';
      readonly container: string;
      readonly id: string;
      readonly probe: 'startup' | 'liveness';
      readonly graceMs?: number | undefined;
    }
  | {
      readonly type: 'container-updated';
      readonly container: string;
      readonly id: string;
      readonly applied?: ResourceRequirements | undefined;
      /** Why the engine refused it. */
      readonly error?: string | undefined;
    }
  | { readonly type: 'resize-judged'; readonly wanted: string; readonly verdict: ResizeVerdict }
  /** Something became free on the node. */
  | { readonly type: 'room' }
  | {
      readonly type: 'evict';
      readonly reason: string;
      readonly message: string;
      /** Absent: the pod's own. */
      readonly graceMs?: number | undefined;
      /** The node ends it for reasons of its own: the pod is told so by a condition. */
      readonly disrupted?: true | undefined;
      /** The node never took it. */
      readonly refused?: true | undefined;
    }
  | { readonly type: 'cleaned-up' }
  | { readonly type: 'removed-from-api' }
  | { readonly type: 'removal-failed' }
  | { readonly type: 'tick' };

/** What the step wants done. Each names its object, so that doing it twice is harmless. */
export type PodEffect =
  | { readonly type: 'open-sandbox'; readonly attempt: number }
  | { readonly type: 'close-sandbox'; readonly id: string }
  | { readonly type: 'prepare-volumes' }
  | { readonly type: 'ensure-image'; readonly container: string }
  | {
      readonly type: 'create-container';
      readonly container: string;
      readonly attempt: number;
      readonly sandboxId: string;
    }
  | { readonly type: 'start-container'; readonly container: string; readonly id: string }
  | {
      readonly type: 'stop-container';
      readonly container: string;
      readonly id: string;
      readonly graceMs: number;
      readonly preStop: boolean;
    }
  | { readonly type: 'update-container'; readonly container: string; readonly id: string }
  | { readonly type: 'ask-resize'; readonly wanted: string }
  | { readonly type: 'remove-container'; readonly id: string }
  | {
      readonly type: 'start-probes';
      readonly container: string;
      readonly id: string;
      readonly startedAt: number;
      readonly started: boolean;
      readonly ready: boolean;
    }
  /** The pod ends, but it is not this container's turn to stop: its preStop hook begins. */
  | { readonly type: 'run-pre-stop'; readonly container: string; readonly id: string; readonly graceMs: number }
  /** `except`: the probe that goes on. */
  | { readonly type: 'stop-probes'; readonly container: string; readonly except?: 'readiness' | undefined }
  | { readonly type: 'clean-up' }
  /** The pod has ended and stays in the API: others may have its volumes. */
  | { readonly type: 'release-volumes' }
  /** Nothing of the pod runs any more: others may have its devices. */
  | { readonly type: 'release-devices' }
  | { readonly type: 'remove-from-api' }
  | { readonly type: 'event'; readonly event: PodEvent };

export interface PodEvent {
  readonly kind: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** `spec.containers{name}`, for events of one container. */
  readonly fieldPath?: string | undefined;
}

export interface PodStep<State> {
  readonly state: State;
  readonly effects: readonly PodEffect[];
  /** Look again then, without an input; wall-clock ms. */
  readonly wakeAt?: number | undefined;
}

/** Messages of a pod's actor: the step's inputs, and the engine's news of its containers. */
export type PodMessage =
  | PodInput
  | { readonly type: 'engine-event'; readonly event: Extract<RuntimeEvent, { readonly id: string }> }
  /** Everything that the engine has of this pod, after its events were lost for a while. */
  | { readonly type: 'engine-state'; readonly found: readonly ContainerFacts[] }
  | { readonly type: 'refresh' };
