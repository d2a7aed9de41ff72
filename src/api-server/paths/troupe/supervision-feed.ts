/** The supervision of all processes as server-sent events. */
import { limits } from '../../../base/index.ts';
import type { Requester } from '../../../resources/index.ts';
import type { Supervision, Tick, TimelineEvent } from '../../../supervision/index.ts';
import type { Authorizer } from '../../auth/index.ts';
import { type ApiHttpResponse, type BodySink, headerOf, textResponse, utf8 } from '../../request.ts';
import type { RequestContext } from '../../request-context.ts';

/** Events of a namespace are for those who may list them there; the answer per namespace is kept for one viewer. */
export function maySeeEvents(authorize: Authorizer, user: Requester): (event: TimelineEvent) => boolean {
  const known = new Map<string, boolean>();
  return ({ namespace }) => {
    if (namespace === undefined) return true;
    let may = known.get(namespace);
    if (may === undefined) {
      const decision = authorize({
        user,
        verb: 'list',
        isResource: true,
        group: '',
        version: 'v1',
        resource: 'events',
        subresource: '',
        namespace,
        name: '',
        path: '',
      });
      // Until one who is asked elsewhere has answered, the namespace's events stay hidden.
      if (decision instanceof Promise)
        void decision.then(({ allowed }) => {
          known.set(namespace, allowed);
        });
      may = decision instanceof Promise ? false : decision.allowed;
      known.set(namespace, may);
    }
    return may;
  };
}

const eventBytes = (tick: Tick): Uint8Array => utf8(`id: ${tick.at}\nevent: tick\ndata: ${JSON.stringify(tick)}\n\n`);

interface FeedPorts {
  readonly supervision: Supervision;
  readonly authorize: Authorizer;
}

type Visible = (event: TimelineEvent) => boolean;

/**
 * Server-sent events (WHATWG): first everything that is known, then one tick a second. A slow reader is cut off; it
 * reconnects with the Last-Event-ID that it has, and gets what happened meanwhile.
 */
export function supervisionFeed(ports: FeedPorts): (context: RequestContext) => ApiHttpResponse {
  const feed = new SupervisionFeed(ports);
  return (context) => feed.answer(context);
}

class SupervisionFeed {
  readonly #ports: FeedPorts;
  /** The last tick as bytes, made once for all viewers who may see all of it. */
  #shared: { readonly tick: Tick; readonly bytes: Uint8Array } | undefined;
  #viewers = 0;

  constructor(ports: FeedPorts) {
    this.#ports = ports;
  }

  answer({ user, http }: RequestContext): ApiHttpResponse {
    if (this.#viewers >= limits.supervisionViewersMax)
      return textResponse(429, 'too many viewers of the supervision feed; close one and try again\n');
    const lastId = headerOf(http.headers, 'last-event-id');
    const since = lastId !== undefined && /^\d{1,15}$/.test(lastId) ? Number(lastId) : undefined;
    return {
      status: 200,
      headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' },
      body: (sink) => {
        this.#show(sink, maySeeEvents(this.#ports.authorize, user), since);
      },
    };
  }

  #show(sink: BodySink, visible: Visible, since: number | undefined): void {
    const { supervision } = this.#ports;
    this.#viewers += 1;
    const send = (tick: Tick): void => {
      if (!sink.write(this.#bytesFor(tick, visible))) sink.end();
    };
    const leave = supervision.follow(send);
    sink.onClose(() => {
      this.#viewers -= 1;
      leave();
    });
    send(supervision.now(since));
  }

  #bytesFor(tick: Tick, visible: Visible): Uint8Array {
    if (tick.events?.every(visible) === false) return eventBytes({ ...tick, events: tick.events.filter(visible) });
    if (this.#shared?.tick !== tick) this.#shared = { tick, bytes: eventBytes(tick) };
    return this.#shared.bytes;
  }
}
