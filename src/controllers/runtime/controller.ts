/** What a controller is, and what it is given: the contract between the runner and each kind's reconciler. */
import type { Clock, Logger, Random } from '../../base/index.ts';
import type { GroupResource } from '../../api/index.ts';
import type { ObjectChange, ResourceClient, ResourceView } from '../../resources/index.ts';

/** An Event that a plan asks for. */
export interface Note {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What every reconciler is given. Nothing else reaches the outside. */
export interface ControllerPorts {
  readonly view: ResourceView;
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Writes a Kubernetes Event on the object; never fails the caller. */
  event(object: unknown, type: Note['type'], reason: string, message: string): void;
}

/** When to reconcile again without a change; absent: only when woken. */
export interface ReconcileResult {
  /**
   * For a look at very many objects: changes within this time lead to one look, at its end (`restMsAfter`). Absent:
   * each wake-up is followed at once.
   */
  readonly restMs?: number | undefined;
  readonly requeueAfterMs?: number | undefined;
}

/**
 * A controller (Kubernetes' term): level-based. It gets a key ('namespace/name', or 'name' without a namespace), reads,
 * plans with a pure function, writes with preconditions. Waking it twice is harmless.
 */
export interface Controller {
  /**
   * In kebab case: the name in the tree, the logs and the metrics, and the source component of its Events unless
   * `eventSource` says another.
   */
  readonly name: string;
  readonly eventSource?: string | undefined;
  /** The kind whose objects are its actors. */
  readonly resource: GroupResource;
  /** Forgets what it remembered from changes; called before each start, since changes were missed in between. */
  reset?(): void;
  /** Which keys to wake once at start; absent: those of all objects of `resource`. */
  initialKeys?(ports: ControllerPorts): readonly string[];
  /** The kinds whose changes may wake it; absent: all. */
  readonly watches?: readonly GroupResource[] | undefined;
  /**
   * The keys that a change is for; called for every change of the kinds that it watches, so it decides by
   * `change.resource` first.
   */
  keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[];
  /**
   * Asked when a planned look (`requeueAfterMs`) is due: ms for which it can wait still, since what it would find is
   * known already; 0: it is made. Absent: it always is. For looks that nearly always find nothing.
   */
  postponeMs?(key: string, ports: ControllerPorts): number;
  /**
   * Throwing means: crash, restart by the supervisor with back-off, reconcile again. A conflict (409) is retried at
   * once.
   */
  reconcile(key: string, ports: ControllerPorts): Promise<ReconcileResult | undefined>;
}
