/** The ingress's proxy by itself, in front of the pod at the port of the first argument. Prints its two ports. */
import { silentLogger } from '../../src/base/index.ts';
import { startProxy } from '../../src/ingress/proxy/index.ts';
import { makeAuthority } from '../../src/main/keys/certificate-authority.ts';
import { MetricsRegistry, systemClock, systemTimers } from '../../src/platform/index.ts';

const pods = process.argv.slice(2).map((port) => `127.0.0.1:${port}`);
const proxy = await startProxy(
  { clock: systemClock, timers: systemTimers, log: silentLogger, metrics: new MetricsRegistry() },
  {
    host: '127.0.0.1',
    httpPort: 0,
    httpsPort: 0,
    fallback: await makeAuthority('bench', { now: Date.now(), days: 1 }),
  },
);
proxy.apply({
  hosts: [{ host: '', exact: {}, prefixes: { '': 'default/web:80' } }],
  backends: { 'default/web:80': pods },
  certificates: [],
});
process.stdout.write(`${proxy.httpPort} ${proxy.httpsPort}\n`);
