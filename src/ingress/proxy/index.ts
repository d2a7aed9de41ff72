/**
 * The reverse proxy: HTTP/1.1 and HTTP/2 in, HTTP/1.1 with kept connections to the pods.
 *
 *   client ── server (TLS by SNI) ── exchange, upgrade ── BackendCall ── Endpoints ──> pod
 *                                     RouteTable: by host and path
 *
 * Contract: it knows nothing of Kubernetes but a table, so that it can run in a thread of its own. Bytes are passed on
 * as they come and wait for the slower side. Framing is remade, ambiguous requests are refused, and pods
 * hear who the client is from the proxy alone. A request is asked again only where no pod can have heard it, or where
 * asking twice does no harm.
 */
export { compileRoutes } from './route-match.ts';
export { type IngressProxy, startProxy } from './server.ts';
export type { CertificatePair, HostCertificate, RouteTable } from './table.ts';
