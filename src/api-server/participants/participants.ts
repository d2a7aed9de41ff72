/** Registers external controllers on the member that supervises them. */
import type { ActorRef, ActorSystem } from '../../actors/index.ts';
import { forbiddenError, tooManyRequests } from '../../api/index.ts';
import { errorMessage, type Logger, type Metrics, type Timers, type TraceScope } from '../../base/index.ts';
import type { Bus, BusMessage, Subjects } from '../../bus/index.ts';
import type { RegisteredParticipant } from '../../protocol/index.ts';
import { type ResourceView, revokeEpochs } from '../../resources/index.ts';
import type { Compare, Store } from '../../state/index.ts';
import { failureResponse, statusOf } from '../answers/failure.ts';
import type { ApiHandler } from '../handler.ts';
import { mastersGroup } from '../auth/index.ts';
import type { ReplyGuard } from '../nats/index.ts';
import { textOf, utf8 } from '../request.ts';
import { ControllerNames } from './controller-names.ts';
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
  readonly metrics: Metrics;
  /** Absent: no request is followed. */
  readonly traces?: TraceScope | undefined;
}

/** Instances of external controllers that a member supervises at most, and controllers: of all users, and of one. */
const instancesMax = { all: 64, user: 16 };
const controllersMax = { all: 32, user: 8 };
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
  /** With who registered each first. */
  readonly controllers: Map<string, { readonly controller: ExternalController; readonly user: string }>;
  /** By holder, with who registered it last. */
  readonly actors: Map<string, { readonly actor: ActorRef<ParticipantMessage>; readonly user: string }>;
}

/** Who registers. */
interface Registrant {
  readonly user: string;
  /** Administrators have no limit of their own. */
  readonly limited: boolean;
}

interface Crowd {
  readonly what: string;
  readonly present: ReadonlyMap<string, { readonly user: string }>;
  readonly registrant: Registrant;
}

interface Review {
  readonly kind: string;
  readonly apiVersion: string;
  readonly spec?: object | undefined;
}

interface AccessReviewAnswer {
  readonly status?: { readonly allowed?: boolean | undefined };
}

interface SelfReviewAnswer {
  readonly status?: {
    readonly userInfo?: { readonly username?: string | undefined; readonly groups?: readonly string[] | undefined };
  };
}

/** Where participants register. */
class RegistrationDesk {
  readonly #controllers: Supervised['controllers'];
  readonly #ports: ParticipantPorts;
  readonly #actors: Supervised['actors'];

  readonly #subscription: { close(): void };
  readonly #unlisten: () => void;
  readonly #names: ControllerNames;
  /** Holders of epochs that another member granted have to register again. */
  readonly #begun: Promise<void>;

  constructor(ports: ParticipantPorts, { controllers, actors }: Supervised) {
    this.#ports = ports;
    this.#controllers = controllers;
    this.#actors = actors;
    this.#names = new ControllerNames({
      store: ports.store,
      granter: () => ports.owner.fence(),
      timers: ports.timers,
      log: ports.log,
    });
    this.#begun = revokeEpochs(ports.store, holders);
    this.#begun.catch((error: unknown) => {
      ports.log.warn('cannot end the epochs of external controllers', { error: errorMessage(error) });
    });
    this.#unlisten = ports.view.onChange((change) => {
      for (const { controller } of this.#controllers.values()) controller.changed(change);
    });
    this.#subscription = ports.bus.subscribe(ports.subjects.participants, (message) => {
      void this.#answer(message);
    });
  }

  close(): void {
    this.#subscription.close();
    this.#unlisten();
    for (const { actor } of this.#actors.values()) actor.tell({ type: 'close' });
    for (const { controller } of this.#controllers.values()) controller.stop();
    this.#names.close();
  }

  async #answer({ payload, headers = {}, reply }: BusMessage): Promise<void> {
    const { replies, bus, log, metrics } = this.#ports;
    if (reply === undefined || !(await replies.allows(reply, headers))) return;
    const wire = wireOf(payload);
    try {
      const registration = parseRegistration(payload);
      if (!(await replies.allows(registration.inbox, headers)))
        throw forbiddenError({ group: '', resource: '' }, '', "inbox must be a subject of the client's own");
      await this.#begun;
      await this.#authorise(registration, headers);
      const registrant = await this.#registrant(headers);
      const { name, instance } = registration;
      const participant = await this.#names.registered(name, { user: registrant.user, instance }, () =>
        this.#register(registration, { payload, registrant }),
      );
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
      this.#controller(name, registrant).joined(participant);
    } catch (error) {
      const refusal = statusOf(error);
      const { status, body } = failureResponse(refusal);
      metrics.count('troupe_refused_registrations_total', { reason: refusal.reason });
      log.info('refused an external controller', { error: errorMessage(error) });
      bus.publish(reply, wire.write({ status, headers: {}, body: JSON.parse(textOf(body)) as unknown }));
    }
  }

  /**
   * Reconcile requests carry names, so a participant must have the right to watch; the API is asked in its name.
   */
  async #authorise({ resources }: CheckedRegistration, headers: Readonly<Record<string, string>>): Promise<void> {
    for (const { group, resource, namespace } of resources) {
      const { status, body } = await this.#review<AccessReviewAnswer>(headers, {
        kind: 'SelfSubjectAccessReview',
        apiVersion: 'authorization.k8s.io/v1',
        spec: {
          resourceAttributes: { verb: 'watch', group, resource, namespace },
        },
      });
      if (status !== 201 || body.status?.allowed !== true)
        throw forbiddenError(
          { group, resource },
          '',
          body.message ?? `registering for ${resource} needs the right to watch them`,
        );
    }
  }

  /** Whose the name is: who the API says that the sender is. */
  async #registrant(headers: Readonly<Record<string, string>>): Promise<Registrant> {
    const { status, body } = await this.#review<SelfReviewAnswer>(headers, {
      kind: 'SelfSubjectReview',
      apiVersion: 'authentication.k8s.io/v1',
    });
    const { username, groups = [] } = body.status?.userInfo ?? {};
    if (status !== 201 || username === undefined)
      throw forbiddenError(
        { group: '', resource: '' },
        '',
        body.message ?? 'registering needs the right to create selfsubjectreviews',
      );
    return { user: username, limited: !groups.includes(mastersGroup) };
  }

  /** Asks the API in the sender's name. */
  async #review<T>(
    headers: Readonly<Record<string, string>>,
    review: Review,
  ): Promise<{ readonly status: number; readonly body: T & { readonly message?: string | undefined } }> {
    const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const { status, body } = await this.#ports.handler({
      method: 'POST',
      path: `/apis/${review.apiVersion}/${review.kind.toLowerCase()}s`,
      query: '',
      headers: { ...own, accept: 'application/json', 'content-type': 'application/json' },
      body: utf8(JSON.stringify(review)),
    });
    const pieces = typeof body === 'function' ? [] : body instanceof Uint8Array ? [body] : body;
    return {
      status,
      body: JSON.parse(pieces.map(textOf).join('')) as T & { readonly message?: string | undefined },
    };
  }

  async #register(
    registration: CheckedRegistration,
    { payload, registrant }: { readonly payload: Uint8Array; readonly registrant: Registrant },
  ): Promise<Participant> {
    const build = (reply: (participant: Participant) => void): ParticipantMessage => ({
      type: 'register',
      registration,
      wire: wireOf(payload),
      reply,
    });
    const participant = await this.#actorOf(registration, registrant).ask(build);
    this.#ports.log.info('an external controller registered', {
      controller: registration.name,
      instance: registration.instance,
      epoch: participant.epoch,
    });
    return participant;
  }

  #actorOf(registration: CheckedRegistration, registrant: Registrant): ActorRef<ParticipantMessage> {
    const holder = holderOf(registration);
    for (const [name, { actor }] of this.#actors) if (!isAlive(actor)) this.#actors.delete(name);
    const known = this.#actors.get(holder);
    if (known?.user !== registrant.user)
      refuseOver(instancesMax, { what: 'instances of external controllers', present: this.#actors, registrant });
    const actor = known?.actor ?? this.#spawn(registration, registrant);
    this.#actors.set(holder, { actor, user: registrant.user });
    return actor;
  }

  #spawn(registration: CheckedRegistration, registrant: Registrant): ActorRef<ParticipantMessage> {
    const { name, instance } = registration;
    const holder = holderOf(registration);
    const controller = this.#controller(name, registrant);
    const { system, bus, store } = this.#ports;
    const behaviour = participantBehaviour({
      bus,
      replies: this.#ports.replies,
      store,
      holder,
      granter: () => this.#ports.owner.fence(),
      left: (participant, over, why) => {
        controller.left(participant, over);
        if (why !== 'goes-on') this.#names.ended(name, instance, why);
      },
    });
    return system.spawn(`participant-${name}-${instance}`, behaviour, participantSpawn);
  }

  #controller(name: string, registrant: Registrant): ExternalController {
    const known = this.#controllers.get(name);
    if (known !== undefined) return known.controller;
    refuseOver(controllersMax, { what: 'external controllers', present: this.#controllers, registrant });
    const { system, bus, view, timers, traces } = this.#ports;
    const stalled = ({ registration, epoch }: Participant, reason: string): void => {
      this.#actors.get(holderOf(registration))?.actor.tell({ type: 'stalled', epoch, reason });
    };
    const made = new ExternalController({ system, bus, view, timers, traces, stalled }, name);
    this.#controllers.set(name, { controller: made, user: registrant.user });
    return made;
  }
}

/** Throws TooManyRequests (429) where one more would be too many, of all users or of this one. */
function refuseOver(
  max: { readonly all: number; readonly user: number },
  { what, present, registrant: { user, limited } }: Crowd,
): void {
  const ofUser = [...present.values()].filter((one) => one.user === user).length;
  if (limited && ofUser >= max.user) throw tooManyRequests(`a user can register at most ${max.user} ${what}`, 10);
  if (present.size >= max.all) throw tooManyRequests(`at most ${max.all} ${what} can register`, 10);
}

/** An actor that has stopped takes no messages; this one means nothing to the others. */
function isAlive(actor: ActorRef<ParticipantMessage>): boolean {
  return actor.tell({ type: 'check', epoch: -1 });
}

function holderOf({ name, instance }: Pick<CheckedRegistration, 'name' | 'instance'>): string {
  return `${holders}${name}/${instance}`;
}
