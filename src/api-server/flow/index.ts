/**
 * Priority and fairness: who goes first when there are more requests than the server takes at a time
 * (flowcontrol.apiserver.k8s.io/v1).
 *
 *   request -> FlowSchema (first that matches, by precedence) -> priority level: a seat is free? -> authorisation, the
 *   answer
 *                    `- flow: by user or namespace -> one of a few queues (shuffle sharding) -> fair turn | 429
 *
 * Contract: each level has its share of the server's seats, so that one kind of client cannot crowd out another; within
 * a level each flow has its turn. A free seat costs a look-up. Full queues, and requests that waited too long, are
 * refused with 429 and Retry-After. Streams hold a seat only until they begin. Follows
 * k8s.io/apiserver/pkg/util/flowcontrol.
 */
export { createFlowControl, type FlowControl, type FlowRefusal, type FlowSeat } from './flow-control.ts';
export type { FlowClass } from './flow-routes.ts';
