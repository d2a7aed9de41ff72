/**
 * Services outside the cluster that the API server asks: audit, authentication and authorisation webhooks, key sets of
 * identity providers. Each is described by a file in kubeconfig form, as kube-apiserver takes it, and asked by JSON
 * over TLS.
 *
 * Contract: an answer is bounded in size and time; the server's certificate is checked unless the file says otherwise.
 */
export { getJson, remoteEndpoint } from './remote-endpoint.ts';
export { outwardLookup, refuseInward } from './outward-lookup.ts';
export { answerTo } from './remote-answer.ts';
export { parseEndpointConfig } from './endpoint-config.ts';
