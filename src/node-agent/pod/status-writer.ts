import { StatusError } from '../../api/index.ts';
import { errorMessage } from '../../base/index.ts';
import { type Pod, type PodStatus, resources } from '../kube/index.ts';
import type { PodPorts } from './pod-ports.ts';
import { sameJson, statusPatch } from './status-patch.ts';

const retryMs = 500;
/** After this long a status that should have arrived is written again, whatever was written before. */
const resyncMs = 10_000;

/** Writes one pod's status: one write at a time, always the newest, nothing that is shown already. */
export class StatusWriter {
  readonly #ports: Pick<PodPorts, 'client' | 'view' | 'clock' | 'timers' | 'log'>;
  #wanted: { readonly pod: Pod; readonly status: PodStatus } | undefined;
  #written: { readonly status: PodStatus; readonly at: number } | undefined;
  #running: Promise<void> | undefined;
  #gone = false;

  constructor(ports: Pick<PodPorts, 'client' | 'view' | 'clock' | 'timers' | 'log'>) {
    this.#ports = ports;
  }

  /** The status that should be shown; `pod` is its newest known version. */
  offer(pod: Pod, status: PodStatus): void {
    if (this.#gone) return;
    if (this.#written !== undefined && sameJson(this.#written.status, status) && this.#ports.clock.monotonic() - this.#written.at < resyncMs) return;
    this.#wanted = { pod, status };
    this.#running ??= this.#drain().finally(() => { this.#running = undefined; });
  }

  /** Resolves when everything offered has been written (or the pod is gone). */
  async flush(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Nothing more is written. */
  stop(): void {
    this.#gone = true;
    this.#wanted = undefined;
  }

  async #drain(): Promise<void> {
    while (this.#wanted !== undefined && !this.#gone) {
      const { pod, status } = this.#wanted;
      this.#wanted = undefined;
      const patch = statusPatch(pod.metadata.uid ?? '', this.#written?.status ?? pod.status, status);
      if (patch === undefined) continue;
      if (!await this.#write(pod, patch)) { this.#wanted ??= { pod, status }; continue; }
      this.#written = { status, at: this.#ports.clock.monotonic() };
    }
  }

  /** Whether another pod has its name by now: the uid in the patch is a precondition. */
  #replaced(pod: Pod): boolean {
    const { namespace, name = '', uid } = pod.metadata;
    return this.#ports.view.get<Pod>(resources.pods, namespace, name)?.metadata.uid !== uid;
  }

  async #write(pod: Pod, body: object): Promise<boolean> {
    try {
      await this.#ports.client.patch({ ...resources.pods, namespace: pod.metadata.namespace ?? '', name: pod.metadata.name ?? '' }, { type: 'strategic', body }, { subresource: 'status', fieldManager: 'node-agent' });
      return true;
    } catch (error) {
      if (error instanceof StatusError && (error.code === 404 || (error.code === 409 && this.#replaced(pod)))) { this.stop(); return true; }
      this.#ports.log.warn('a pod status could not be written yet', { pod: `${pod.metadata.namespace}/${pod.metadata.name}`, error: errorMessage(error) });
      await new Promise<void>((resolve) => { this.#ports.timers.after(retryMs, resolve); });
      return false;
    }
  }
}
