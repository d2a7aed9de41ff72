/** Disks that are full, slow, failing, or lose what was not synced. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MemberDisks } from '../targets/member-disks.ts';
import { systemProgram } from '../targets/programs.ts';
import { Impossible } from '../targets/target.ts';
import { type BeginFault, chosen, type Effect, type FaultContext, homeOf, untilShown, victimOf } from './fault.ts';
import { keepDead } from './process-faults.ts';

function disksOf({ target }: FaultContext): MemberDisks {
  if (target.disks !== undefined) return target.disks;
  throw new Impossible('members of this cluster have no disks of their own (`disks: small`)');
}

export const fillDisk: BeginFault = async (context): Promise<Effect> => {
  const disks = disksOf(context);
  const { name } = await victimOf(context);
  const left = await disks.fill(name);
  return {
    victim: name,
    proof: `a file took the rest of its disk; ${left} bytes are free`,
    end: () => {
      disks.free(name);
      return Promise.resolve(undefined);
    },
  };
};

/** Nobody starts the member while its disk is away. */
export const losePower: BeginFault = async (context): Promise<Effect> => {
  const disks = disksOf(context);
  const victim = chosen(await homeOf(context).victims('member+nats', context.api), context);
  const { name } = victim;
  return await keepDead(context, victim, async () => {
    const lost = await disks.losePower(name, (isFree) =>
      untilShown(context, isFree, `the disk of ${name} is still in use`),
    );
    return `its disk came back with what it had synced; ${lost} files had held more`;
  });
};

const syncs = 'fdatasync,fsync';

/** The kernel's tracer changes each sync of a process: `delay_enter` in µs, or an error. */
const changeSyncs =
  (change: (context: FaultContext) => string): BeginFault =>
  async (context): Promise<Effect> => {
    const strace = systemProgram('strace');
    if (strace === undefined) throw new Impossible('slow and failing syncs need strace');
    const { name, pids } = await victimOf(context);
    const folder = mkdtempSync(join(tmpdir(), 'troupe-chaos-'));
    const [log, what] = [join(folder, 'syncs'), change(context)];
    const args = ['-f', '-p', String(pids[0] ?? 0), '-o', log, '-e', `trace=${syncs}`, '-e', `inject=${syncs}:${what}`];
    const tracer = spawn(strace, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const changed = (): number => readFileSync(log, 'utf8').match(/\((DELAYED|INJECTED)\)/g)?.length ?? 0;
    const end = async (): Promise<string> => {
      await detached(tracer);
      const count = changed();
      rmSync(folder, { recursive: true, force: true });
      return `${count} syncs were changed`;
    };
    try {
      await attached(tracer);
      await untilShown(context, () => changed() > 0, `no sync of ${name} was changed`);
      return { victim: name, proof: `strace changes each sync of process ${pids[0] ?? 0} (${what})`, end };
    } catch (error) {
      await end().catch(() => undefined);
      throw error;
    }
  };

export const slowDisk = changeSyncs(({ spec }) => `delay_enter=${spec.amount * 1_000}`);
export const failDisk = changeSyncs(() => 'error=EIO');

function attached(tracer: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    tracer.stderr?.on('data', (text: Buffer) => {
      said += text.toString();
      if (/attached/.test(said)) resolve();
    });
    tracer.on('error', reject);
    tracer.on('exit', () => {
      reject(new Error(`strace ended: ${said.trim()}`));
    });
  });
}

/** Lets the process go on untraced. */
function detached(tracer: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (tracer.exitCode !== null || tracer.signalCode !== null) {
      resolve();
      return;
    }
    tracer.removeAllListeners('exit');
    tracer.on('exit', () => {
      resolve();
    });
    tracer.kill('SIGINT');
  });
}
