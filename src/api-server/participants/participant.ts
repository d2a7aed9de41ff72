/** The actor that supervises one instance of an external controller. */
import type { ActorContext, Behaviour } from '../../actors/index.ts';
import { AwakeTime } from '../../base/index.ts';
import type { Bus, Subscription } from '../../bus/index.ts';
import type { ParticipantControl } from '../../protocol/index.ts';
import { grantEpoch, revokeEpoch } from '../../resources/index.ts';
import type { Compare, Store } from '../../state/index.ts';
import type { ReplyGuard } from '../nats/index.ts';
import type { CheckedRegistration, Wire } from './registration-parsing.ts';

/** An instance that is registered now, under one epoch. */
export interface Participant {
  readonly registration: CheckedRegistration;
  readonly wire: Wire;
  readonly epoch: number;
  /** Where it sends heartbeats. */
  readonly control: string;
  /** Resolves when its epoch is over, with the reason. */
  readonly gone: Promise<string>;
}

export type ParticipantMessage =
  | {
      readonly type: 'register';
      readonly registration: CheckedRegistration;
      readonly wire: Wire;
      readonly reply: (participant: Participant) => void;
    }
  | { readonly type: 'stalled'; readonly epoch: number; readonly reason: string }
  | { readonly type: 'check'; readonly epoch: number }
  | { readonly type: 'leave'; readonly epoch: number }
  | { readonly type: 'close' }
  | { readonly type: 'retire' };

/** Whether the instance left by itself, fell silent, or goes on under another epoch or member. */
type Ending = 'left' | 'silent' | 'goes-on';

interface ParticipantActorPorts {
  readonly bus: Bus;
  readonly store: Store;
  readonly replies: Pick<ReplyGuard, 'allowsInbox'>;
  readonly holder: string;
  /** Holds while this member may give epochs. */
  granter(): Compare | undefined;
  /** The epoch is about to end; it is over when `over` resolves. */
  left(participant: Participant, over: Promise<void>, why: Ending): void;
}

interface Present {
  readonly participant: Participant;
  readonly subscription: Subscription;
  readonly end: (reason: string) => void;
  /** In awake time: a member that stood still has not listened. */
  heardAt: number;
  readonly awake: AwakeTime;
}

interface State {
  present: Present | undefined;
}

/** Heartbeats that may be missed. */
const heartbeatsMissedMax = 3;
/** Crashes after which an instance's actor is given up; it gets a new one when it registers again. */
const crashesMax = 50;

/** An instance that stalled and does not come back leaves the tree after this long. */
const retireMs = 10 * 60_000;

/** The restarts must never be spent: that a program outside stalls is no reason to end the member. */
export const participantSpawn = {
  mailboxMessagesMax: 256,
  restart: { restartsMax: 2 * crashesMax, withinMs: 60_000, backoffMs: 20, backoffMsMax: 1_000 },
};

/**
 * One instance under supervision: that it stalls is a crash, and each crash ends its epoch before anything else goes
 * on.
 */
export function participantBehaviour(ports: ParticipantActorPorts): Behaviour<State, ParticipantMessage> {
  let crashes = 0;
  return {
    initialState: (context) => {
      if (crashes > 0) context.tellSelfAfter(retireMs, { type: 'retire' });
      return { present: undefined };
    },
    receive: async (state, message, context) => {
      if (message.type === 'register') {
        await release(ports, state, { why: 'goes-on', reason: 'the instance registered again' });
        state.present = await registered(ports, message, context);
        message.reply(state.present.participant);
        return state;
      }
      const { present } = state;
      if (message.type === 'retire') {
        if (present === undefined) context.stop();
        return state;
      }
      if (message.type === 'close') {
        await release(ports, state, {
          why: 'goes-on',
          reason: 'another member supervises the external controllers now',
        });
        context.stop();
        return state;
      }
      if (present?.participant.epoch !== message.epoch) return state;
      if (message.type === 'leave') {
        await release(ports, state, { why: 'left', reason: 'the instance left' });
        context.stop();
      } else if (message.type === 'stalled') {
        crashes += 1;
        if (crashes > crashesMax) context.stop();
        throw new Error(`the external controller stalled: ${message.reason}`);
      } else check(present, context);
      return state;
    },
    afterStop: (state) => release(ports, state, { why: 'silent', reason: 'the instance stalled' }),
  };
}

async function registered(
  ports: ParticipantActorPorts,
  { registration, wire }: Extract<ParticipantMessage, { type: 'register' }>,
  context: ActorContext<ParticipantMessage>,
): Promise<Present> {
  const granter = ports.granter();
  const epoch = granter === undefined ? undefined : await grantEpoch(ports.store, ports.holder, granter);
  if (epoch === undefined) throw new Error('another member supervises the external controllers now');
  let end: (reason: string) => void = () => undefined;
  const gone = new Promise<string>((resolve) => {
    end = resolve;
  });
  const control = ports.bus.inbox();
  const subscription = ports.bus.subscribe(control, ({ payload, reply }) => {
    present.heardAt = present.awake.now();
    if (reply !== undefined && ports.replies.allowsInbox(reply))
      ports.bus.publish(reply, wire.write({ type: 'alive', epoch }), { reply: control });
    if (isLeave(wire, payload)) context.self.tell({ type: 'leave', epoch });
  });
  const participant: Participant = { registration, wire, epoch, control, gone };
  const awake = new AwakeTime(context.clock, registration.heartbeatMs * 2);
  const present: Present = { participant, subscription, end, heardAt: awake.now(), awake };
  context.tellSelfAfter(registration.heartbeatMs, { type: 'check', epoch });
  return present;
}

function isLeave(wire: Wire, payload: Uint8Array): boolean {
  try {
    return (wire.read(payload) as Partial<ParticipantControl> | null)?.type === 'leave';
  } catch {
    return false;
  }
}

function check(
  { participant: { registration, epoch }, heardAt, awake }: Present,
  context: ActorContext<ParticipantMessage>,
): void {
  const silentMs = awake.now() - heardAt;
  if (silentMs > registration.heartbeatMs * heartbeatsMissedMax)
    context.self.tell({ type: 'stalled', epoch, reason: `no heartbeat for ${Math.round(silentMs)} ms` });
  else context.tellSelfAfter(registration.heartbeatMs, { type: 'check', epoch });
}

/** Ends the epoch. What was asked of the instance is asked of another once that is certain. */
async function release(
  ports: ParticipantActorPorts,
  state: State,
  { why, reason }: { readonly why: Ending; readonly reason: string },
): Promise<void> {
  const { present } = state;
  if (present === undefined) return;
  state.present = undefined;
  const { participant, subscription, end } = present;
  const over = revokeEpoch(ports.store, ports.holder, participant.epoch);
  ports.left(participant, over, why);
  subscription.close();
  end(reason);
  ports.bus.publish(
    participant.registration.inbox,
    participant.wire.write({ type: 'stop', epoch: participant.epoch, reason }),
  );
  await over;
}
