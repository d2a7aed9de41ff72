/**
 * The NATS door: the API for everything that speaks NATS, in any language.
 *
 *   troupe.<cluster>.api          request {verb, group, version, resource, …}  ->  reply {status, headers, body}
 *                                 watch: messages {seq, event} to the reply subject
 *   troupe.<cluster>.events.…     every change, as it is applied
 *
 * A request is turned into the HTTP request that means the same and goes to the same handler. JSON or msgpack, told by the first
 * byte, answered alike. Large replies come in chunks.
 */
export { startChangeFeed } from './change-feed.ts';
export { openNatsDoor } from './nats-door.ts';
