/**
 * Serving Ingresses: HTTP and HTTPS from outside of the cluster to the pods behind Services, by host and path.
 *
 *   API ── view ──> node ingress ── routeTable (pure) ── RouteTable, plain data ──> proxy ──> pods, past the Services'
 *   addresses
 *       <── controllers: the class, each Ingress's status and events
 *
 * Contract: what is served follows from the objects alone (route-table.ts), with the precedence that the Ingress API
 * documents; an Ingress that names what does not exist is served 503 and disturbs no other. The proxy (proxy/) takes a
 * new table without ending a connection. Ports are opened when there is an Ingress to serve, not before.
 */
export { ingressClassController } from './class-controller.ts';
export { type FollowedSecret, type NodeIngress, serveNodeIngress } from './node-ingress.ts';
export { ingressStatusController } from './status-controller.ts';
