/**
 * Subresources that are streams and no objects: logs, exec, attach, port-forward and proxies.
 *
 *   client --WebSocket/HTTP--> door --frames over the bus, with a window--> the node's agent --> container
 *
 * Admission is asked about every connection (logs are read, not connected to). Whatever can be refused is refused as a
 * Status before a connection is upgraded. Each side holds its source back while the other does not take what was sent;
 * nothing is dropped. Protocols: channel.k8s.io up to v5, their base64 variants, binary.k8s.io, and SPDY/3.1 (plain, or
 * inside a WebSocket as kubectl's port-forward has it).
 */
import type { StreamHandler } from '../resource-handler.ts';
import { admitted, type ConnectPorts } from './connection.ts';
import { podExec } from './pod-exec.ts';
import { podLog, type PodLogPorts } from './pod-log.ts';
import { portForward } from './port-forward.ts';
import { proxied, type ProxyPorts } from './proxy.ts';

export type { ProxyExchange, ProxyTarget } from './proxy.ts';

/** Answers the streaming subresources; undefined for all others. */
export function createStreamHandler(ports: PodLogPorts & ProxyPorts & ConnectPorts): StreamHandler {
  return (context, route) => {
    if (route.info.group !== '') return undefined;
    const { resource, subresource } = context.info;
    if (subresource === 'proxy') return admitted(ports, context, route).then(() => proxied(ports, context));
    if (resource !== 'pods') return undefined;
    switch (subresource) {
      case 'log':
        return podLog(ports, context);
      case 'exec':
        return admitted(ports, context, route).then((options) => podExec(ports, context, { type: 'exec', options }));
      case 'attach':
        return admitted(ports, context, route).then((options) => podExec(ports, context, { type: 'attach', options }));
      case 'portforward':
        return admitted(ports, context, route).then(() => portForward(ports, context));
      default:
        return undefined;
    }
  };
}
