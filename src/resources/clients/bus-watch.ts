import type { JsonObject, KubeObject } from '../../api/index.ts';
import { noTraces, parseTraceparent, type Timer } from '../../base/index.ts';
import { decodeIfWhole, encode, memberInboxPrefix, subjectsOf } from '../../bus/index.ts';
import { type ApiRequest, Pieces, type StreamMessage } from '../../protocol/index.ts';
import { authorizationOf, type BusRequestPorts, statusErrorOf } from './bus-requests.ts';

/**
 * Heartbeats come every 10 s: a watch that is silent for longer than two of them is taken for dead, if nobody said so
 * before.
 */
const silenceMs = 25_000;
/** Messages that the door may send ahead, and after how many it hears that they came. */
const windowMessages = 2_000;
const acknowledgeMessages = 500;

/** `again`: watch on from the last revision. `anew`: that revision is gone or something was missed; list first. */
export type WatchEnd = 'again' | 'anew';

export interface WatchListener {
  event(type: string, object: KubeObject): void;
  /** Called once; nothing comes after. */
  ended(end: WatchEnd, reason: string): void;
}

/** A message of the watch, or the answer that refuses it. */
type DoorMessage = Partial<StreamMessage> & { readonly body?: unknown };

/** One watch through the NATS door. Its messages are numbered, so that a lost one is noticed. */
export function openBusWatch(ports: BusRequestPorts, request: ApiRequest, listener: WatchListener): { close(): void } {
  const { bus, timers, traces = noTraces } = ports;
  const inbox = bus.inbox();
  let expected = 1;
  let over = false;
  let control: string | undefined;
  const pieces = new Pieces();
  let silence: Timer = timers.after(silenceMs, () => {
    end('again', 'the watch is silent');
  });

  const subscription = bus.subscribe(inbox, (message) => {
    silence.cancel();
    silence = timers.after(silenceMs, () => {
      end('again', 'the watch is silent');
    });
    if (message.payload.byteLength === 0) {
      end('again', 'no member answers at the NATS door');
      return;
    }
    const whole = pieces.add(message);
    if (whole === undefined) return;
    control = message.reply;
    const told = decodeIfWhole(whole);
    if (typeof told === 'object' && told !== null) receive(told);
    else end('anew', 'a message of the watch cannot be read');
  });
  const subjects = subjectsOf(ports.cluster);
  const goneMembers = bus.subscribe(subjects.gone('*'), ({ subject }) => {
    // A watch that has not begun may be at the member that fell silent as well.
    if (control === undefined || control.startsWith(`${memberInboxPrefix(subjects.goneMember(subject))}.`))
      end('again', 'the member that served the watch fell silent');
  });
  const receive = (message: DoorMessage): void => {
    // A refusal has no number; a message without one is an answer.
    if (message.seq === undefined) {
      const error = statusErrorOf(message.status ?? 500, message.body);
      end(error.code === 410 ? 'anew' : 'again', error.message);
      return;
    }
    if (message.seq !== expected) {
      end('anew', `message ${message.seq} came where ${expected} was due`);
      return;
    }
    expected += 1;
    if (message.seq % acknowledgeMessages === 0 && control !== undefined)
      bus.publish(control, encode({ acknowledged: message.seq }));
    if (message.end === true) {
      end('again', 'the door ended the watch');
      return;
    }
    const { event, traceparent } = message;
    if (event !== undefined)
      traces.run(parseTraceparent(traceparent), () => {
        deliver(event.type, event.object);
      });
  };
  const deliver = (type: string, object: unknown): void => {
    if (type !== 'ERROR') {
      listener.event(type, object as KubeObject);
      return;
    }
    const { code, message } = (object ?? {}) as JsonObject;
    end(code === 410 ? 'anew' : 'again', String(message));
  };
  const stop = (): void => {
    over = true;
    silence.cancel();
    subscription.close();
    goneMembers.close();
  };
  function end(how: WatchEnd, reason: string): void {
    if (over) return;
    stop();
    listener.ended(how, reason);
  }
  bus.publish(subjects.api, encode(request), {
    reply: inbox,
    headers: { ...authorizationOf(ports), 'Troupe-Window': String(windowMessages) },
  });
  return {
    close() {
      if (over) return;
      stop();
      if (control !== undefined) bus.publish(control, encode({ close: true }));
    },
  };
}
