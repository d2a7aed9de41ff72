/**
 * The HTTP door: carries requests and answers between TLS connections and the handler, and knows nothing of Kubernetes.
 *
 * A request becomes a plain value (its body read up to the limit), an answer is written with its length, compressed
 * where it is large and the client takes it, or streamed with a bound on what may wait for a slow reader. WebSockets
 * are handed on whole.
 *
 *   TLS connection -> PlainConnection: whole, ordinary requests, nearly all there are      -> handler -> writeResponse
 *                       `-- anything else, with its connection --> Node's HTTP machinery --^
 */
export { type ListenAddress, openHttpDoor, type TlsOptions } from './http-door.ts';
export { httpExchange } from './proxy-client.ts';
export { staticFiles } from './static-files.ts';
export { webhookCalls } from './webhook-call.ts';
