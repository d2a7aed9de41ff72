/**
 * Runtimes that speak the Container Runtime Interface (runtime.v1): containerd and CRI-O.
 *
 *   port ─┬─ cri-containers, cri-sandboxes, cri-images ──▶ cri-connection ──▶ unix socket (gRPC)
 *         ├─ cri-streams ── spdy-client ──▶ the runtime's streaming server (exec, attach)
 *         ├─ log-reader, log-rotation ──▶ files that the runtime writes
 *         ├─ cri-events: what changed between two looks at everything
 *         └─ cni-plugin: what these runtimes leave to others (docs/adr/0020-cri.md)
 *
 * Contract: a sandbox is a container to the port. CRI makes and starts it in one step, so that it runs from `create`
 * on; a container that wants a network of its own gets a sandbox for itself alone, which nobody else sees.
 */
export { containerdDriver, crioDriver } from './cri-driver.ts';
export { criRuntime } from './cri-runtime.ts';
