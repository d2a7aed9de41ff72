import test from 'ava';
import type { JsonObject, KubeObject } from '../../api/index.ts';
import { defaultResourceSettings } from '../settings.ts';
import { startHarness } from '../testing/harness.ts';
import { addressBand, nodePortBand, staticBand } from './static-band.ts';

const services = '/api/v1/namespaces/default/services';
const specOf = (object: KubeObject): JsonObject => (object.spec ?? {}) as JsonObject;

test('the band grows with the range, between a least and a greatest size', (t) => {
  const ports = [16, 17, 512, 1024, 2768, 4096, 65_536].map((size) => staticBand(size, nodePortBand));
  t.deepEqual(ports, [0, 16, 16, 32, 86, 128, 128]);
  const addresses = [16, 32, 256, 2048, 4096, 65_536, 2 ** 64].map((size) => staticBand(size, addressBand));
  t.deepEqual(addresses, [0, 16, 16, 128, 256, 256, 256]);
});

test('node ports come from above the band until that is full, those of health checks too', async (t) => {
  const h = await startHarness({
    settings: { ...defaultResourceSettings, nodePortRange: { first: 30_000, last: 30_019 } },
  });
  const ports: number[] = [];
  for (const name of ['a', 'b', 'c']) {
    const type = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' };
    const spec = specOf(await h.post(services, { metadata: { name }, spec: { ...type, ports: [{ port: 80 }] } }));
    ports.push((spec['ports'] as { nodePort: number }[])[0]?.nodePort ?? 0, Number(spec['healthCheckNodePort']));
  }
  t.deepEqual(ports.slice(0, 4).sort(), [30_016, 30_017, 30_018, 30_019]);
  t.true(ports.slice(4).every((port) => port >= 30_000 && port < 30_016));
});

for (const [range, prefix, last] of [
  ['10.96.0.0/27', '10.96.0.', 30],
  ['fd00:96::/123', 'fd00:96::', 31],
] as const)
  test(`addresses of ${range} come from above the band until that is full`, async (t) => {
    const h = await startHarness({ settings: { ...defaultResourceSettings, serviceCidrs: [range] } });
    const numbers: number[] = [];
    for (let index = 16; index <= last; index++) {
      const made = await h.post(services, { metadata: { name: `s${index}` }, spec: { ports: [{ port: 80 }] } });
      const text = String(specOf(made)['clusterIP']).slice(prefix.length);
      numbers.push(Number.parseInt(text, prefix.includes(':') ? 16 : 10));
    }
    const above = numbers.slice(0, -1).sort((a, b) => a - b);
    t.deepEqual(
      above,
      Array.from({ length: last - 16 }, (_, index) => 17 + index),
    );
    t.true((numbers.at(-1) ?? 0) >= 1 && (numbers.at(-1) ?? 0) <= 16);
  });
