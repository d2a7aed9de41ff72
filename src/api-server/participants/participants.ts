/** Registers external controllers on the member that supervises them. */
import type { ActorRef, ActorSystem } from '../../actors/index.ts';
import { forbiddenError, tooManyRequests } from '../../api/index.ts';
import { errorMessage, type Logger, type Timers, type TraceScope } from '../../base/index.ts';
import type { Bus, BusMessage, Subjects } from '../../bus/index.ts';
import type { RegisteredParticipant } from '../../protocol/index.ts';
import { type ResourceView, revokeEpochs } from '../../resources/index.ts';
import type { Compare, Store } from '../../state/index.ts';
import { failureResponse, statusOf } from '../answers/failure.ts';
import type { ApiHandler } from '../handler.ts';
import type { ReplyGuard } from '../nats/index.ts';
import { textOf, utf8 } from '../request.ts';
import { ExternalController } from './external-controller.ts';
import { type Participant, participantBehaviour, type ParticipantMessage, participantSpawn } from './participant.ts';
import { type CheckedRegistration, parseRegistration, wireOf } from './registration-parsing.ts';

interface ParticipantPorts {
  readonly system: ActorSystem;
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly store: Store;
  readonly view: ResourceView;
  /** One member at a time supervises the participants: `fence` holds while this is the one. */
  readonly owner: { fence(): Compare | undefined; onChange(listener: () => void): () => void };
  /** Answers whether the participant may watch what it asks for. */
  readonly handler: ApiHandler;
  /** On which subjects a participant is answered and asked. */
  readonly replies: ReplyGuard;
  readonly timers: Timers;
  readonly log: Logger;
  /** Absent: no request is followed. */
  readonly traces?: TraceScope | undefined;
}

/** Instances of external controllers that a member supervises at most, and controllers. */
const instancesMax = 64;
const controllersMax = 32;
const holders = 'participants/';

/** Takes registrations while this member is the one to supervise participants. */
export function startParticipants(ports: ParticipantPorts): { stop(): void } {
  let desk: RegistrationDesk | undefined;
  // A controller's region of actors is made once; other members may supervise in between.
  const known: Supervised = { controllers: new Map(), actors: new Map() };
  const close = (): void => {
    desk?.close();
    desk = undefined;
  };
  const follow = (): void => {
    if (ports.owner.fence() === undefined) close();
    else desk ??= new RegistrationDesk(ports, known);
  };
  const unfollow = ports.owner.onChange(follow);
  follow();
  return {
    stop: () => {
      unfollow();
      close();
    },
  };
}

interface Supervised {
  readonly controllers: Map<string, ExternalController>;
  /** By holder. */
  readonly actors: Map<string, ActorRef<ParticipantMessage>>;
}

/** Where participants register. */
class RegistrationDesk {
  readonly #controllers: Supervised['controllers'];
  readonly #ports: ParticipantPorts;
  readonly #actors: Supervised['actors'];

  readonly #subscription: { close(): void };
  readonly #unlisten: () => void;
  /** Holders of epochs that another member granted have to register again. */
  readonly #begun: Promise<void>;

  constructor(ports: ParticipantPorts, { controllers, actors }: Supervised) {
    this.#ports = ports;
    this.#controllers = controllers;
    this.#actors = actors;
    this.#begun = revokeEpochs(ports.store, holders);
    this.#begun.catch((error: unknown) => {
      ports.log.warn('cannot end the epochs of external controllers', { error: errorMessage(error) });
    });
    this.#unlisten = ports.view.onChange((change) => {
      for (const controller of this.#controllers.values()) controller.changed(change);
    });
    this.#subscription = ports.bus.subscribe(ports.subjects.participants, (message) => {
      void this.#answer(message);
    });
  }

  close(): void {
    this.#subscription.close();
    this.#unlisten();
    for (const actor of this.#actors.values()) actor.tell({ type: 'close' });
    for (const controller of this.#controllers.values()) controller.stop();
  }

  async #answer({ payload, headers = {}, reply }: BusMessage): Promise<void> {
    const { replies, bus, log } = this.#ports;
    if (reply === undefined || !(await replies.allows(reply, headers))) return;
    const wire = wireOf(payload);
    try {
      const registration = parseRegistration(payload);
      if (!(await replies.allows(registration.inbox, headers)))
        throw forbiddenError({ group: '', resource: '' }, '', "inbox must be a subject of the client's own");
      await this.#begun;
      await this.#authorise(registration, headers);
      const participant = await this.#register(registration, payload);
      const { epoch, control } = participant;
      const { heartbeatMs, reconcileMs } = registration;
      const body: RegisteredParticipant = {
        epoch,
        fence: `${holderOf(registration)}/${epoch}`,
        heartbeatMs,
        reconcileMs,
      };
      bus.publish(reply, wire.write({ status: 201, headers: {}, body }), { reply: control });
      // An instance gets work only once it knows its epoch.
      this.#controller(registration.name).joined(participant);
    } catch (error) {
      const { status, body } = failureResponse(statusOf(error));
      log.info('refused an external controller', { error: errorMessage(error) });
      this.#ports.bus.publish(reply, wire.write({ status, headers: {}, body: JSON.parse(textOf(body)) as unknown }));
    }
  }

  /**
   * Reconcile requests carry names, so a participant must have the right to watch; the API is asked in its name.
   */
  async #authorise({ resources }: CheckedRegistration, headers: Readonly<Record<string, string>>): Promise<void> {
    const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    for (const { group, resource, namespace } of resources) {
      const review = {
        kind: 'SelfSubjectAccessReview',
        apiVersion: 'authorization.k8s.io/v1',
        spec: {
          resourceAttributes: { verb: 'watch', group, resource, namespace },
        },
      };
      const answer = await this.#ports.handler({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        query: '',
        headers: { ...own, accept: 'application/json', 'content-type': 'application/json' },
        body: utf8(JSON.stringify(review)),
      });
      const pieces =
        typeof answer.body === 'function' ? [] : answer.body instanceof Uint8Array ? [answer.body] : answer.body;
      const body = JSON.parse(pieces.map(textOf).join('')) as {
        readonly message?: string | undefined;
        readonly status?: { readonly allowed?: boolean | undefined };
      };
      if (answer.status !== 201 || body.status?.allowed !== true)
        throw forbiddenError(
          { group, resource },
          '',
          body.message ?? `registering for ${resource} needs the right to watch them`,
        );
    }
  }

  async #register(registration: CheckedRegistration, payload: Uint8Array): Promise<Participant> {
    const build = (reply: (participant: Participant) => void): ParticipantMessage => ({
      type: 'register',
      registration,
      wire: wireOf(payload),
      reply,
    });
    const participant = await this.#actorOf(registration).ask(build);
    this.#ports.log.info('an external controller registered', {
      controller: registration.name,
      instance: registration.instance,
      epoch: participant.epoch,
    });
    return participant;
  }

  #actorOf(registration: CheckedRegistration): ActorRef<ParticipantMessage> {
    const holder = holderOf(registration);
    const known = this.#actors.get(holder);
    if (known !== undefined && isAlive(known)) return known;
    for (const [name, actor] of this.#actors) if (!isAlive(actor)) this.#actors.delete(name);
    if (this.#actors.size >= instancesMax)
      throw tooManyRequests(`at most ${instancesMax} instances of external controllers can register`, 10);
    const controller = this.#controller(registration.name);
    const { system, bus, store } = this.#ports;
    const behaviour = participantBehaviour({
      bus,
      replies: this.#ports.replies,
      store,
      holder,
      granter: () => this.#ports.owner.fence(),
      left: (participant, over) => {
        controller.left(participant, over);
      },
    });
    const actor = system.spawn(
      `participant-${registration.name}-${registration.instance}`,
      behaviour,
      participantSpawn,
    );
    this.#actors.set(holder, actor);
    return actor;
  }

  #controller(name: string): ExternalController {
    const known = this.#controllers.get(name);
    if (known !== undefined) return known;
    if (this.#controllers.size >= controllersMax)
      throw tooManyRequests(`at most ${controllersMax} external controllers can register`, 10);
    const { system, bus, view, timers, traces } = this.#ports;
    const stalled = ({ registration, epoch }: Participant, reason: string): void => {
      this.#actors.get(holderOf(registration))?.tell({ type: 'stalled', epoch, reason });
    };
    const made = new ExternalController({ system, bus, view, timers, traces, stalled }, name);
    this.#controllers.set(name, made);
    return made;
  }
}

/** An actor that has stopped takes no messages; this one means nothing to the others. */
function isAlive(actor: ActorRef<ParticipantMessage>): boolean {
  return actor.tell({ type: 'check', epoch: -1 });
}

function holderOf({ name, instance }: Pick<CheckedRegistration, 'name' | 'instance'>): string {
  return `${holders}${name}/${instance}`;
}
