/** An external controller: an actor for each of its keys, and the instances that reconcile them. */
import { type ActorSystem, type Behaviour, createRegion, type Region } from '../../actors/index.ts';
import { delay, fnv1a, type Timers, traceparentOf, type TraceScope } from '../../base/index.ts';
import { type Bus, BusError } from '../../bus/index.ts';
import {
  doorHeaders,
  type ReconcileAnswer,
  type ReconcileRequest,
  type RegistrationResource,
} from '../../protocol/index.ts';
import { actOn, type ObjectChange, type ResourceView } from '../../resources/index.ts';
import type { Participant } from './participant.ts';

interface ControllerPorts {
  readonly system: ActorSystem;
  readonly bus: Bus;
  readonly view: ResourceView;
  readonly timers: Timers;
  /** Absent: requests do not say what they belong to. */
  readonly traces?: TraceScope | undefined;
  /** Says that an instance does not do its work. */
  stalled(participant: Participant, reason: string): void;
}

/** The object to reconcile. */
type Wake = RegistrationResource & { readonly name: string };

const buckets = 8;
const requeueMsMin = 10;
const retryMs = 200;

/** One external controller: its keys' actors, and which instance each is with. */
export class ExternalController {
  readonly #ports: ControllerPorts;
  readonly #instances = new Map<string, Participant>();
  readonly #ending = new Set<Promise<unknown>>();
  readonly #region: Region<Wake>;

  constructor(ports: ControllerPorts, name: string) {
    this.#ports = ports;
    this.#region = createRegion<null, Wake>(ports.system, {
      kind: `external-${name}`,
      buckets,
      behaviour: () => this.#keyBehaviour(),
      spawn: { coalesceKey: () => 'wake', restart: { restartsMax: 20, withinMs: 600_000 } },
    });
  }

  /** Nothing is asked of anybody until somebody joins again. */
  stop(): void {
    this.#instances.clear();
  }

  /** The new instance looks at everything once, as a controller does at its start. */
  joined(participant: Participant): void {
    const { instance } = participant.registration;
    this.#instances.set(instance, participant);
    void participant.gone.then(() => {
      this.#forget(instance, participant);
    });
    for (const { group, resource, namespace } of participant.registration.resources) {
      for (const { metadata } of this.#ports.view.list({ group, resource }, namespace))
        this.#tell({
          group,
          resource,
          namespace: metadata.namespace,
          name: metadata.name ?? '',
        });
    }
  }

  left(participant: Participant, over: Promise<void>): void {
    this.#forget(participant.registration.instance, participant);
    const ended = over
      .catch(() => delay(this.#ports.timers, retryMs))
      .finally(() => {
        this.#ending.delete(ended);
      });
    this.#ending.add(ended);
  }

  #forget(instance: string, participant: Participant): void {
    if (this.#instances.get(instance) === participant) this.#instances.delete(instance);
  }

  changed(change: ObjectChange): void {
    const {
      resource: { group, resource },
      object: { metadata },
    } = change;
    const wake: Wake = {
      group,
      resource,
      namespace: metadata.namespace,
      name: metadata.name ?? '',
    };
    if ([...this.#instances.values()].some((participant) => covers(participant, wake)))
      actOn(change, () => {
        this.#tell(wake);
      });
  }

  #tell(wake: Wake): void {
    this.#region.tell(
      [wake.group === '' ? wake.resource : `${wake.resource}.${wake.group}`, wake.namespace ?? '', wake.name]
        .filter((part) => part !== '')
        .join('/'),
      wake,
    );
  }

  /** After a crash the restarted actor asks again by itself: what it was told is kept beside it. */
  #keyBehaviour(): Behaviour<null, Wake> {
    let unfinished: Wake | undefined;
    return {
      initialState: (context) => {
        if (unfinished !== undefined) context.self.tell(unfinished);
        return null;
      },
      receive: async (state, wake, context) => {
        unfinished = wake;
        const requeueAfterMs = await this.#reconcile(wake);
        unfinished = undefined;
        if (requeueAfterMs !== undefined) context.tellSelfAfter(Math.max(requeueAfterMs, requeueMsMin), wake);
        return state;
      },
    };
  }

  /**
   * Asks one instance after another until one has dealt with the object. Without an instance nothing is done: the next
   * one looks at everything.
   */
  async #reconcile(wake: Wake): Promise<number | undefined> {
    for (;;) {
      await Promise.all(this.#ending);
      const participant = this.#chosen(wake);
      if (participant === undefined) return undefined;
      const answer = await Promise.race([this.#ask(participant, wake), participant.gone.then(() => undefined)]);
      if (answer?.type === 'failed')
        throw new Error(answer.message ?? 'the external controller failed without saying why');
      if (answer !== undefined)
        return typeof answer.requeueAfterMs === 'number' && answer.requeueAfterMs >= 0
          ? answer.requeueAfterMs
          : undefined;
    }
  }

  /** The request that woke the object goes on in the controller's own. */
  #headers(): Record<string, string> {
    const trace = this.#ports.traces?.current();
    return trace === undefined ? {} : { [doorHeaders.trace]: traceparentOf(trace) };
  }

  async #ask(participant: Participant, wake: Wake): Promise<ReconcileAnswer | undefined> {
    const {
      registration: { inbox, reconcileMs },
      wire,
      epoch,
    } = participant;
    try {
      const request: ReconcileRequest = { type: 'reconcile', epoch, ...wake };
      const { payload } = await this.#ports.bus.request(inbox, wire.write(request), {
        deadlineMs: reconcileMs,
        headers: this.#headers(),
      });
      const answer = wire.read(payload) as ReconcileAnswer | null;
      if (answer?.type === 'done' || answer?.type === 'failed') return answer;
      this.#ports.stalled(participant, 'it answered a reconcile request with something else than done or failed');
    } catch (error) {
      this.#ports.stalled(
        participant,
        error instanceof BusError && error.code === 'timeout'
          ? `no answer to a reconcile request within ${reconcileMs} ms`
          : 'it cannot be asked to reconcile',
      );
    }
    await participant.gone;
    return undefined;
  }

  /** The same instance for the same key, while the instances are the same (rendezvous hashing). */
  #chosen(wake: Wake): Participant | undefined {
    let best: Participant | undefined;
    let highest = -1;
    for (const participant of this.#instances.values()) {
      if (!covers(participant, wake)) continue;
      const weight = hash(`${participant.registration.instance} ${wake.namespace ?? ''}/${wake.name}`);
      if (weight > highest) [best, highest] = [participant, weight];
    }
    return best;
  }
}

function covers({ registration }: Participant, wake: Wake): boolean {
  return registration.resources.some(
    (item) =>
      item.group === wake.group &&
      item.resource === wake.resource &&
      (item.namespace === undefined || item.namespace === wake.namespace),
  );
}

/** FNV-1a, then mixed: near texts must not weigh alike. */
function hash(text: string): number {
  const first = fnv1a(text);
  const value = Math.imul(first ^ (first >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}
