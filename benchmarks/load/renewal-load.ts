/**
 * Renews the Leases of many nodes as their agents do, over one connection. Runs as a child of the benchmark: takes a
 * RenewalLoad as JSON argument; prints "open" when it is ready, then, once a line came in, renews, and prints "done"
 * with the number of renewals.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { createNodeTokens } from '../../src/api-server/index.ts';
import { microTimeText, resources } from '../../src/api/index.ts';
import { connectNats, encode, memberInboxPrefix, natsUsers, subjectsOf } from '../../src/bus/index.ts';
import { ensureNatsSecrets, homeAt, readNatsFile } from '../../src/main/process/index.ts';
import { systemClock, systemRandom, systemTimers } from '../../src/platform/index.ts';
import { busClient } from '../../src/resources/index.ts';

export interface RenewalLoad {
  /** The folder of the cluster's home. */
  readonly home: string;
  readonly cluster: string;
  /** They are called node-0 and on, and have Leases. */
  readonly nodes: number;
  /** How often each renews, in ms. */
  readonly leaseMs: number;
  readonly seconds: number;
  /** `told`: to the members, over the bus. `written`: each renewal is a PATCH of the Lease. */
  readonly how: 'told' | 'written';
}

const { home: folder, cluster, nodes, leaseMs, seconds, how } = JSON.parse(process.argv[2] ?? '{}') as RenewalLoad;
const home = homeAt(folder);
const { servers, ca } = readNatsFile(home);
const bus = await connectNats({
  servers,
  name: 'bench-renewals',
  inboxPrefix: memberInboxPrefix('bench-renewals'),
  // The members' own user: one connection may then speak for all nodes.
  user: { name: natsUsers.member, password: () => ensureNatsSecrets(home).memberPassword },
  caFile: ca === undefined ? undefined : join(home.pki, 'ca.crt'),
});
const subjects = subjectsOf(cluster);
const tokens = createNodeTokens({
  signing: { privateKey: readFileSync(join(home.pki, 'service-account.key'), 'utf8') },
  clock: systemClock,
  random: systemRandom,
});

async function writer(name: string): Promise<() => void> {
  const token = await tokens(name, 3_600);
  const client = busClient({ bus, timers: systemTimers, cluster, token, deadlineMs: 60_000 });
  const ref = { ...resources.leases, namespace: 'kube-node-lease', name };
  return () => {
    const spec = {
      holderIdentity: name,
      leaseDurationSeconds: Math.max(1, Math.ceil((leaseMs * 3) / 1_000)),
      renewTime: microTimeText(Date.now()),
    };
    void client.patch(ref, { type: 'merge', body: { spec } }, { fieldManager: 'node-agent' }).then(count, fail);
  };
}

function teller(name: string): () => void {
  const subject = subjects.nodeRenewal(name);
  return () => {
    bus.publish(subject, encode({ at: Date.now(), leaseMs }));
    count();
  };
}

let renewals = 0;
const count = (): void => {
  renewals += 1;
};
const fail = (error: unknown): void => {
  console.error(error);
  process.exit(1);
};

const renew: (() => void)[] = [];
for (let i = 0; i < nodes; i++) renew.push(how === 'told' ? teller(`node-${i}`) : await writer(`node-${i}`));
process.stdout.write('open\n');
await new Promise<void>((resolve) => {
  createInterface({ input: process.stdin }).once('line', () => {
    resolve();
  });
});

/** As many small steps a period as keep the load even. */
const stepMs = 10;
const began = performance.now();
let sent = 0;
const timer = setInterval(() => {
  const elapsed = performance.now() - began;
  for (const due = Math.floor((Math.min(elapsed, seconds * 1_000) / leaseMs) * nodes); sent < due; sent++)
    renew[sent % nodes]?.();
  if (elapsed < seconds * 1_000) return;
  clearInterval(timer);
  void bus.flush().then(() => {
    process.stdout.write(`done ${renewals}\n`);
    process.exit(0);
  });
}, stepMs);
