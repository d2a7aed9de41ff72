/**
 * Connections to what listens at a pod's own loopback address alone, as a kubelet's port-forward makes them.
 *
 *   agent ── socket in a folder of root ── process in the pod's network ── 127.0.0.1 or ::1
 *
 * A process cannot leave its network, so one is started in the pod's (nsenter) when the first connection is asked for.
 * It serves those that follow and ends soon after the last one: while it lives, the network of a dead sandbox stays.
 */
export { loopbackDialer, type LoopbackDialer } from './dialer.ts';
