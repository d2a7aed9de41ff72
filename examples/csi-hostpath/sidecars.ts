/**
 * The parts of the external provisioner, attacher and resizer, for one driver, in one small program:
 *
 *   TOKEN=… node examples/csi-hostpath/sidecars.ts --server URL --ca FILE --socket …/csi.sock
 *
 * They speak with the driver and write the same API objects as the side-cars that Kubernetes' storage group publishes.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { attach } from './attacher.ts';
import { provision } from './provisioner.ts';
import { resize } from './resizer.ts';
import { sidecar } from './sidecar.ts';

const { values } = parseArgs({
  options: {
    server: { type: 'string', default: '' },
    ca: { type: 'string', default: '' },
    socket: { type: 'string', default: '' },
    name: { type: 'string', default: 'hostpath.troupe.dev' },
  },
});
const options = { server: values.server, token: process.env['TOKEN'] ?? '', ca: readFileSync(values.ca, 'utf8') };
const own = sidecar(values.name, values.socket, options);
const everyMs = 150;

/** Each part has rounds of its own: a slow one holds up no other. */
async function rounds(what: string, part: () => Promise<void>): Promise<never> {
  for (;;) {
    await own.attempt(what, part);
    await new Promise((resolve) => {
      setTimeout(resolve, everyMs);
    });
  }
}

await Promise.all([
  rounds('provision', () => provision(own)),
  rounds('attach', () => attach(own)),
  rounds('resize', () => resize(own)),
]);
