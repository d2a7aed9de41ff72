/**
 * The Container Device Interface (CDI): files in which vendors say what a container gets with a device.
 *
 *   vendor.com/gpu=0 ─ files of /etc/cdi and /var/run/cdi ─▶ variables, mounts and devices of its specification
 *
 * Engines have CDI off or lack it, so the agent reads the files by itself. What it cannot do with a container's
 * specification (hooks, groups) is left to the engine, which is told the device's name. Follows the specification 0.8.
 */
export { type CdiDevices, cdiDevices } from './cdi-files.ts';
