/** The node's standing with the API: whether it is ready, and what its Node says. */
import { type Node, resources, sameResource } from '../api/index.ts';
import type { Timer, Timers } from '../base/index.ts';
import { decodeIfWhole, encode, subjectsOf } from '../bus/index.ts';
import { parseRenewalAnswer } from '../protocol/index.ts';
import type { NodeAgentOptions } from './agent-settings.ts';
import type { Lifetime } from './lifetime.ts';
import { type DeviceAmounts, type NodeFacts, register, type Registration, type TellMembers } from './node/index.ts';

const leaseMs = 1500;
/** An engine that is away for less may be starting again: its containers run on. The kubelet waits as long. */
const engineAwayMs = 30_000;
/** Who writes the Leases answers at once, or not at all. */
const answerMs = 1_000;

interface RegistrationParts {
  readonly facts: NodeFacts;
  readonly lifetime: Lifetime;
  /** Types of the pressures that the node is under now. */
  readonly pressures: () => readonly string[];
  readonly volumesInUse: () => readonly string[];
  readonly devices: (() => DeviceAmounts) | undefined;
}

export class Standing {
  readonly #timers: Timers;
  #registration: Registration | undefined;
  /** The node is not ready while the engine is away, or has not been seen yet. */
  #engineReason: string | undefined;
  #engineSeen = false;
  /** Until the node counts as not ready. */
  #patience: Timer | undefined;

  #shuttingDown = false;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** The machine goes down. */
  readonly isShuttingDown = (): boolean => this.#shuttingDown;

  /** Why the node cannot run pods now; undefined: it can. */
  readonly notReadyReason = (): string | undefined =>
    this.#shuttingDown ? 'node is shutting down' : this.#engineReason;

  /** The Node's status is to be written. */
  readonly update = (): void => {
    this.#registration?.update();
  };

  /** Undefined: the engine answers. It may be told again and again that it does not. */
  readonly engineChanged = (notReadyReason: string | undefined): void => {
    if (notReadyReason === undefined) {
      this.#engineSeen = true;
      this.#patience?.cancel();
      this.#patience = undefined;
      this.#setEngine(undefined);
    } else if (!this.#engineSeen) this.#setEngine(notReadyReason);
    else
      this.#patience ??= this.#timers.after(engineAwayMs, () => {
        this.#setEngine(notReadyReason);
      });
  };

  #setEngine(notReadyReason: string | undefined): void {
    if (notReadyReason === this.#engineReason) return;
    this.#engineReason = notReadyReason;
    this.update();
  }

  beginShutdown(): void {
    this.#shuttingDown = true;
    this.update();
  }

  /** Resolves when the Node exists; from then on it is kept as it is. */
  async register(options: NodeAgentOptions, parts: RegistrationParts): Promise<void> {
    const { facts, lifetime, pressures, volumesInUse, devices } = parts;
    const registration = await register(
      { ...options, tell: tellMembers(options) },
      {
        facts,
        leaseMs: options.settings.leaseMs ?? leaseMs,
        images: () => options.runtime.images(),
        notReadyReason: this.notReadyReason,
        pressures,
        volumesInUse,
        devices,
        leaseAnnotations: options.leaseAnnotations,
      },
    );
    this.#registration = registration;
    options.bus.onStatus((status) => {
      if (status === 'connected') registration.renew();
    });
    lifetime.atEnd(() => {
      this.#patience?.cancel();
      registration.close();
    });
    lifetime.atEnd(
      options.view.onChange(({ type, resource, object }) => {
        if (type === 'put' && sameResource(resource, resources.nodes) && object.metadata.name === options.nodeName)
          registration.notice(object as Node);
      }),
    );
  }
}

/** Over the bus, to all members: one of them answers. */
function tellMembers({ bus, cluster, nodeName }: NodeAgentOptions): TellMembers {
  const subject = subjectsOf(cluster).nodeRenewal(nodeName);
  return async (renewal, asks) => {
    const payload = encode(renewal);
    if (!asks) {
      bus.publish(subject, payload);
      return true;
    }
    try {
      const answer = await bus.request(subject, payload, { deadlineMs: answerMs });
      return parseRenewalAnswer(decodeIfWhole(answer.payload))?.known === true;
    } catch {
      return false;
    }
  };
}
