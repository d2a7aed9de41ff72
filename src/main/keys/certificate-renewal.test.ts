import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { silentLogger } from '../../base/index.ts';
import { briefenCertificates } from './brief-certificates.ts';
import { keepCertificates } from './certificate-renewal.ts';
import { ensurePki, type Pki } from './pki.ts';

const dayMs = 24 * 60 * 60_000;

/** A member's renewal on a clock that the test sets; `look` waits for what a look at the clock begins. */
async function renewal(): Promise<{
  readonly folder: string;
  readonly used: Pki[];
  readonly looks: () => number;
  current: Pki;
  look(aheadMs: number): Promise<void>;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-renewal-'));
  let now = Date.now();
  let [looks, begun] = [0, Promise.resolve() as Promise<unknown>];
  let tick: () => void = () => undefined;
  const ensure = (at: number): Promise<Pki> => ensurePki({ folder, cluster: 'test', now: at, hosts: [] });
  const used: Pki[] = [];
  const renewal = {
    folder,
    used,
    looks: () => looks,
    current: await ensure(now),
    look: async (aheadMs: number) => {
      now += aheadMs;
      tick();
      await begun;
      await new Promise(setImmediate);
    },
  };
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
      current: () => renewal.current,
      ensure: (at) => {
        looks += 1;
        const found = ensure(at);
        begun = found;
        return found;
      },
      renewed: (pki) => {
        used.push(pki);
        renewal.current = pki;
        return Promise.resolve();
      },
    },
  );
  return renewal;
}

test('a member puts certificates that it renews to use, and leaves those that are young', async (t) => {
  const member = await renewal();
  await member.look(60 * 60_000);
  t.is(member.looks(), 1, 'the files are checked each hour');
  t.is(member.used.length, 0);
  const before = member.current;
  await member.look(250 * dayMs);
  t.is(member.used.length, 1);
  t.not(member.used[0]?.serverCertificate, before.serverCertificate);
  t.is(member.used[0]?.ca, before.ca);
  await member.look(60 * 60_000);
  t.is(member.used.length, 1);
});

test('a short-lived certificate is replaced at two thirds of its life, not with the next hour', async (t) => {
  const member = await renewal();
  await briefenCertificates(member.folder, { now: Date.now(), lifeMs: 60_000 });
  member.current = await ensurePki({ folder: member.folder, cluster: 'test', now: Date.now(), hosts: [] });
  await member.look(35_000);
  t.is(member.looks(), 0, 'it is young');
  await member.look(10_000);
  t.is(member.used.length, 1);
  await member.look(10_000);
  t.is(member.looks(), 1);
});

test('a certificate that a clock far ahead has made is replaced when the clock is right again', async (t) => {
  const options = { folder: mkdtempSync(join(tmpdir(), 'troupe-renewal-')), cluster: 'test', hosts: [] };
  const now = Date.now();
  const right = await ensurePki({ ...options, now });
  const ahead = await ensurePki({ ...options, now: now + 300 * dayMs });
  t.not(ahead.serverCertificate, right.serverCertificate);
  const again = await ensurePki({ ...options, now: now + dayMs });
  t.not(again.serverCertificate, ahead.serverCertificate);
});
