/** Events about a node and its pods, as a kubelet reports them. */
import type { Pod } from '../../api/index.ts';
import type { Clock, Logger, Timers } from '../../base/index.ts';
import { type EventRecorder, eventRecorder, type ResourceClient } from '../../resources/index.ts';

interface EventText {
  readonly kind: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly fieldPath?: string | undefined;
}

interface NodeEventsPorts {
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

/** Events wait a moment, so that they do not compete with the status writes of the same start. */
const pauseMs = 60;

export class NodeEvents {
  readonly #recorder: EventRecorder;
  readonly #node: string;

  constructor({ timers, ...ports }: NodeEventsPorts, node: string) {
    this.#node = node;
    this.#recorder = eventRecorder(
      { component: 'kubelet', host: node },
      { client: ports.client, clock: ports.clock, log: ports.log, pause: { timers, ms: pauseMs } },
    );
  }

  record(pod: Pod, text: EventText): void {
    this.#event({ ...pod, apiVersion: 'v1', kind: 'Pod' }, text);
  }

  /** About the node itself, by its name, as a kubelet names it. */
  recordOnNode(text: EventText): void {
    this.#event({ apiVersion: 'v1', kind: 'Node', metadata: { name: this.#node, uid: this.#node } }, text);
  }

  close(): void {
    this.#recorder.close();
  }

  #event(about: object, { kind, reason, message, fieldPath }: EventText): void {
    this.#recorder.event(about, kind, reason, message, fieldPath);
  }
}
