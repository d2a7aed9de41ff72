/** Lets the agents of many nodes renew their Leases, and says what that costs the member. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '../../test/integration/cluster.ts';
import type { Bench } from '../api/bench.ts';
import type { RenewalLoad } from '../load/renewal-load.ts';

const program = join(import.meta.dirname, '..', 'load', 'renewal-load.ts');
/** Until each node was heard and its first Leases are written. */
const warmMs = 4_000;
/** The load goes on for a while after what is measured. */
const afterMs = 1_000;

const passed = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** The share of one processor in percent that the member spends, while it is only renewed. */
export async function renewing(
  bench: Bench,
  load: Pick<RenewalLoad, 'nodes' | 'leaseMs' | 'how'>,
  measuredMs: number,
): Promise<number> {
  const { cluster } = bench;
  const seconds = (warmMs + measuredMs + afterMs) / 1_000;
  const whole: RenewalLoad = { home: cluster.home, cluster: cluster.name, seconds, ...load };
  const child = spawn(process.execPath, [program, JSON.stringify(whole)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
  });
  try {
    await eventually('the agents', () => lines.includes('open'), 60_000);
    child.stdin.write('begin\n');
    await passed(warmMs);
    const share = await bench.shareOf(measuredMs);
    const done = await eventually('the last renewal', () => lines.find((line) => line.startsWith('done')), 30_000);
    const [made, wanted] = [Number(done.slice(5)), (load.nodes * seconds * 1_000) / load.leaseMs];
    if (made < wanted * 0.9) throw new Error(`the load made ${made} of ${wanted} renewals`);
    return share;
  } finally {
    child.kill();
  }
}
