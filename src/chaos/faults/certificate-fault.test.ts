import { mkdtempSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { briefenCertificates, defaultsFile, ensureHomePki, homeAt, loadSettings, makeHome } from '../../main/index.ts';
import { ApiClient } from '../clients/api-client.ts';
import { FaultRunner } from '../run/fault-runner.ts';
import type { Ended } from '../targets/programs.ts';
import { TroupeHome, type Victim } from '../targets/troupe-home.ts';
import { expireCertificates } from './certificate-fault.ts';
import { faultContext } from './fault.fixture.ts';
import type { FaultContext } from './fault.ts';

/** A member of nothing but a server: it shows what its home has had since its last restart. */
class Shown extends TroupeHome {
  readonly server = createServer();
  restarts = 0;
  override victims(): Promise<readonly Victim[]> {
    return Promise.resolve([{ name: 'member-1', pids: [1], leader: true }]);
  }
  override url(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
  override troupe(): Promise<Ended> {
    this.restarts += 1;
    this.show();
    return Promise.resolve({ status: 0, stdout: '', stderr: '' });
  }
  show(): void {
    this.server.setSecureContext({ cert: this.certificate(), key: readFileSync(join(this.home.pki, 'server.key')) });
  }
  certificate(): string {
    return readFileSync(join(this.home.pki, 'server.crt'), 'utf8');
  }
}

async function member(t: ExecutionContext, lifeSeconds: number): Promise<{ home: Shown; context: FaultContext }> {
  const home = new Shown(homeAt(mkdtempSync(join(tmpdir(), 'troupe-expiry-'))), { program: [], env: {} });
  makeHome(home.home);
  await ensureHomePki(home.home, loadSettings(defaultsFile(), '/nowhere/config.yaml'));
  home.show();
  await new Promise<void>((resolve) => {
    home.server.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => home.server.close());
  const spec = { fault: 'certificate-expiry', forMs: 0, amount: lifeSeconds } as const;
  const context = faultContext(spec, new ApiClient({ urls: [] }));
  return { home, context: { ...context, target: { ...context.target, home } } };
}

test('a member that renewed its certificates before they ran out has kept its promise', async (t) => {
  const { home, context } = await member(t, 600);
  const effect = await expireCertificates(context);
  t.regex(effect.proof, /^it shows certificates until \S+ \(server\)$/);
  await briefenCertificates(home.home.pki, { now: Date.now(), lifeMs: 3_600_000 });
  home.show();
  t.regex((await effect.end()) ?? '', /^it renewed them unasked: it shows one until /);
  t.is(home.restarts, 1);
});

test('a run that is broken off gives a member its certificates back', async (t) => {
  const { home, context } = await member(t, 600);
  const before = home.certificate();
  const effect = await expireCertificates(context);
  t.not(home.certificate(), before);
  t.is(await effect.end(), 'they had not run out, and the former ones are back');
  t.is(home.certificate(), before);
  t.is(home.restarts, 2);
});

test('a member that lets its certificates run out has not healed, and gets the former ones', async (t) => {
  const { home, context } = await member(t, 0);
  const before = home.certificate();
  const { spec, pick, ...shared } = context;
  const runner = new FaultRunner({ shared, fromMs: 0, told: () => undefined, signal: new AbortController().signal });
  await runner.run([{ id: 1, atMs: 0, spec, pick }]);
  t.is(runner.records[0]?.outcome, 'took-effect');
  t.regex(runner.unmended.join(), /^member-1 let its certificates run out at \S+; it was given the former ones$/);
  t.is(home.certificate(), before);
});
