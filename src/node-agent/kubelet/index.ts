/**
 * What a kubelet serves on its port, asked over the bus by the proxy of nodes (nodes/NAME/proxy/...).
 *
 *   door -- OpenStream of type `kubelet`, with a path --> agent -- head in the reply, body on channel 1 --> door
 *
 * Everything is read at the moment it is asked for: pods from the view, containers from the engine, amounts from the
 * kernel's counters. What is not known is left out, never made up. Who may ask is the door's concern, but for the port
 * of the node itself (kubelet-port.ts), which is closed by default and has the API judge who asks.
 */
export type { MetricFamily } from './exposition.ts';
export { type KubeletAnswer, type KubeletPaths, kubeletPaths } from './kubelet-paths.ts';
export { openKubeletPort, type PortCertificate } from './kubelet-port.ts';
export type { VolumeStats } from './volume-stats.ts';
export { type NodeLog, readNodeLog } from './node-log.ts';
