/** Writes the status of one pod. */
import { type Pod, type PodStatus, resources, StatusError } from '../../api/index.ts';
import { delay, errorMessage, fnv1a, type Timer } from '../../base/index.ts';
import type { PodPorts } from './pod-ports.ts';
import { sameJson, statusPatch } from './status-patch.ts';

/**
 * Pauses after refused writes: twice as long after each, for as long as they go on. Agents of many nodes are refused at
 * the same moment (429): the second half of a pause differs by pod, lest they come back together.
 */
const retryMs = 500;
const retryMsMax = 8_000;
/**
 * What another writer changed is put right no sooner than this after the last write, so that two who disagree do not
 * race.
 */
const rectifyMs = 2_000;

type StatusPorts = Pick<PodPorts, 'api' | 'clock' | 'timers' | 'log'>;

/** Writes one pod's status: one write at a time, always the newest, nothing that is shown already. */
export class StatusWriter {
  readonly #ports: StatusPorts;
  #wanted: { readonly pod: Pod; readonly status: PodStatus } | undefined;
  /** The pod as the last write left it. */
  #written: { readonly pod: Pod; readonly status: PodStatus; readonly at: number } | undefined;
  #running: Promise<void> | undefined;
  #rectifying: Timer | undefined;
  /** The wanted status waits for this, in case more follows. */
  #pause: Timer | undefined;
  #gone = false;
  /** Writes refused since the last one that succeeded. */
  #refused = 0;

  constructor(ports: StatusPorts) {
    this.#ports = ports;
  }

  /**
   * The status that should be shown; `pod` is its newest known version. Within `pauseMs` it is written, or a later one
   * in its place.
   */
  offer(pod: Pod, status: PodStatus, pauseMs = 0): void {
    if (this.#gone) return;
    this.#wanted = { pod, status };
    if (pauseMs === 0) this.#endPause();
    else
      this.#pause ??= this.#ports.timers.after(pauseMs, () => {
        this.#endPause();
      });
  }

  #endPause(): void {
    this.#pause?.cancel();
    this.#pause = undefined;
    if (this.#wanted !== undefined) this.#begin();
  }

  /** A status that is offered while a drain ends is written by the next one. */
  #begin(): void {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
      if (this.#wanted !== undefined && this.#pause === undefined && !this.#gone) this.#begin();
    });
  }

  /** Resolves when everything offered has been written (or the pod is gone). */
  async flush(): Promise<void> {
    this.#endPause();
    while (this.#running !== undefined) await this.#running;
  }

  /** Nothing more is written. */
  stop(): void {
    this.#gone = true;
    this.#wanted = undefined;
    this.#rectifying?.cancel();
    this.#pause?.cancel();
  }

  async #drain(): Promise<void> {
    while (this.#wanted !== undefined && this.#pause === undefined && !this.#gone) {
      const { pod, status } = this.#wanted;
      this.#wanted = undefined;
      const patch = statusPatch(pod.metadata.uid ?? '', this.#shown(pod).status, status);
      if (patch === undefined || this.#rectifiesLater(pod, status)) continue;
      const done = await this.#write(pod, patch, status);
      // It may have been stopped meanwhile: then nothing is wanted any more.
      if (!done && !this.#gone) this.#wanted ??= { pod, status };
    }
  }

  /** The newer one of what was offered and what the last write left: the view may lag behind an own write. */
  #shown(pod: Pod): Pod {
    const written = this.#written?.pod;
    return written !== undefined && version(written) >= version(pod) ? written : pod;
  }

  /**
   * Own news are written at once; a change of another writer (a node that was given up marks its pods) waits for its
   * time.
   */
  #rectifiesLater(pod: Pod, status: PodStatus): boolean {
    if (this.#written === undefined || !sameJson(this.#written.status, status)) return false;
    const waitMs = this.#written.at + rectifyMs - this.#ports.clock.monotonic();
    if (waitMs <= 0) return false;
    this.#rectifying?.cancel();
    const { namespace, name = '' } = pod.metadata;
    this.#rectifying = this.#ports.timers.after(waitMs, () => {
      if (this.#wanted === undefined)
        this.offer(this.#ports.api.view.get<Pod>(resources.pods, namespace, name) ?? pod, status);
    });
    return true;
  }

  /** Whether another pod has its name by now: the uid in the patch is a precondition. */
  #replaced(pod: Pod): boolean {
    const { namespace, name = '', uid } = pod.metadata;
    return this.#ports.api.view.get<Pod>(resources.pods, namespace, name)?.metadata.uid !== uid;
  }

  async #write(pod: Pod, body: object, status: PodStatus): Promise<boolean> {
    try {
      const written = await this.#ports.api.client.patch<Pod>(
        { ...resources.pods, namespace: pod.metadata.namespace ?? '', name: pod.metadata.name ?? '' },
        { type: 'strategic', body },
        { subresource: 'status', fieldManager: 'node-agent' },
      );
      this.#written = { pod: written.object, status, at: this.#ports.clock.monotonic() };
      this.#refused = 0;
      return true;
    } catch (error) {
      if (error instanceof StatusError && (error.code === 404 || (isRefusal(error) && this.#replaced(pod)))) {
        this.stop();
        return true;
      }
      this.#ports.log.warn('failed to write a pod status; retrying', {
        pod: `${pod.metadata.namespace}/${pod.metadata.name}`,
        error: errorMessage(error),
      });
      await delay(this.#ports.timers, pauseMs(pod.metadata.uid ?? '', this.#refused));
      this.#refused += 1;
      return false;
    }
  }
}

function pauseMs(uid: string, refused: number): number {
  const spread = 0.5 + fnv1a(`${uid}/${refused}`) / 2 ** 33;
  return Math.round(Math.min(retryMs * 2 ** refused, retryMsMax) * spread);
}

/** The uid is another one, or the pod of that name is on another node. */
const isRefusal = ({ code }: StatusError): boolean => code === 409 || code === 403;

/** Versions of one object are numbers that grow. */
function version(pod: Pod): number {
  return Number(pod.metadata.resourceVersion ?? 0);
}
