/**
 * The environment, twice: once for the machine and once for the simulator.
 *
 * Everything the product needs of its surroundings is a port in src/base. This folder implements each port on Node, and
 * gives the ones that decide about correctness (time, timers, disk) a simulated twin that is driven by hand and by a
 * seed:
 *
 *     port      machine             simulated
 *     Clock     systemClock         SimulatedTime
 *     Timers    systemTimers        SimulatedTime
 *     Random    systemRandom        seededRandom (src/base)
 *     Disk      systemDisk          SimulatedDisk (loses and tears unsynced writes, fails, fills up)
 *     Logger    openLogger (pino)   silentLogger (src/base)
 *     Metrics   MetricsRegistry     silentMetrics (src/base)
 *
 * Both twins of Disk and of Timers pass one suite (disk.suite.ts, timers.suite.ts).
 */
export { type DataKey, DiskCipher } from './disk-cipher.ts';
export { lockFolder } from './folder-lock.ts';
export { freePort } from './free-port.ts';
export { watchEventLoop } from './loop-watch.ts';
export { openLogger } from './pino-logger.ts';
export { MetricsRegistry } from './metrics-registry.ts';
export { SimulatedDisk } from './simulated-disk.ts';
export { SimulatedTime } from './simulated-time.ts';
export { systemDisk } from './system-disk.ts';
export { systemRandom } from './system-random.ts';
export { systemClock, systemTimers } from './system-time.ts';
export { createTraces, type Traces } from './tracing.ts';
