import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { silentLogger } from '../../base/index.ts';
import { keepCertificates } from './certificate-renewal.ts';
import { ensurePki, type Pki } from './pki.ts';

const dayMs = 24 * 60 * 60_000;

test('a member puts certificates that it renews to use, and leaves those that are young', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-renewal-'));
  const start = Date.now();
  let now = start;
  let tick: () => void = () => undefined;
  const ensure = (at: number): Promise<Pki> => ensurePki({ folder, cluster: 'test', now: at, hosts: [] });
  let current = await ensure(now);
  const used: Pki[] = [];
  let done: () => void = () => undefined;
  const looked = (): Promise<void> =>
    new Promise((resolve) => {
      done = resolve;
      tick();
    });
  keepCertificates(
    {
      clock: { now: () => now, monotonic: () => now },
      timers: {
        after: () => ({ cancel: () => undefined }),
        every: (_ms, call) => {
          tick = call;
          return { cancel: () => undefined };
        },
      },
      log: silentLogger,
    },
    {
      current: () => current,
      ensure: async (at) => {
        const found = await ensure(at);
        setImmediate(() => {
          done();
        });
        return found;
      },
      renewed: (pki) => {
        used.push(pki);
        current = pki;
        return Promise.resolve();
      },
    },
  );
  await looked();
  t.is(used.length, 0);
  const before = current;
  now = start + 250 * dayMs;
  await looked();
  t.is(used.length, 1);
  t.not(used[0]?.serverCertificate, before.serverCertificate);
  t.is(used[0]?.ca, before.ca);
  await looked();
  t.is(used.length, 1);
});
