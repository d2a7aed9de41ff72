/**
 * The NATS door: the API for everything that speaks NATS, in any language (docs/nats.md tells how).
 *
 *   troupe.<cluster>.api          request {verb, group, version, resource, …}  ->  reply {status, headers, body}
 *                                 watch, followed logs, exec …: numbered messages to the reply subject
 *   troupe.<cluster>.events.…     every change, as it is applied
 *
 * Who connects shows a bearer token, the same as over HTTP; what it opens follows from who it is
 * (connection-permissions.ts). A request is turned into the HTTP request that means the same and goes to the same
 * handler, so rights, limits and answers are the same. JSON or msgpack, told by the first byte, answered alike. What is
 * large comes and goes in pieces; a stream is steered by its client through the reply subject of its messages
 * (outgoing-stream.ts).
 */
export { evictConnections } from './connection-eviction.ts';
export { connectionPermissions } from './connection-permissions.ts';
export { reviewConnections } from './connection-review.ts';
export { answerConnections } from './connections.ts';
export { startChangeFeed } from './change-feed.ts';
export { type Audience, watchAudience } from './feed-audience.ts';
export { openNatsDoor } from './nats-door.ts';
export { ReplyGuard } from './reply-guard.ts';
