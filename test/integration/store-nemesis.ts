/** Faults on real members, each with the proof that it took effect. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage, type Random } from '../../src/base/index.ts';
import type { TroupePeer } from '../../benchmarks/store/troupe-peer.ts';
import type { StoreStatus } from '../../src/state/index.ts';
import { eventually } from './cluster.ts';
import type { FaultyDisk } from './faulty-disk/faulty-disk.ts';
import type { StoreClients } from './store-clients.ts';

/** What can be done to members. Those of `lyingKinds` need a lying disk under each. */
export const lyingKinds = [
  'failed sync',
  'power lost on one',
  'power lost on all',
  'short write',
  'flipped read',
  'hung disk',
] as const;
export const plainKinds = ['leader killed', 'follower killed', 'leader stopped', 'follower stopped'] as const;
/** Needs a small file system of one member's own. */
export const fullKind = 'full disk';
export type FaultKind = (typeof lyingKinds)[number] | (typeof plainKinds)[number] | typeof fullKind;

export interface FaultReport {
  readonly kind: FaultKind;
  /** On whom, and what shows that it took effect. */
  readonly effect: string;
  /**
   * From the fault (of all members: from when the last is up) until as many writes as there are clients were
   * acknowledged.
   */
  readonly recoveryMs: number;
}

export interface NemesisPorts {
  readonly peer: TroupePeer;
  readonly clients: StoreClients;
  readonly random: Random;
  readonly disks: ReadonlyMap<string, FaultyDisk>;
  /** The member with a small file system, and where that is mounted. */
  readonly cramped: { readonly member: string; readonly folder: string } | undefined;
}

/** Writes that show that the store serves again. */
const progressWrites = 64;
/** Long enough for an election, whoever stands still. */
const stillMs = { least: 1_500, most: 3_000 };

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

function proven(holds: boolean, what: string): void {
  if (!holds) throw new Error(`the fault took no effect: ${what}`);
}

/** Makes one fault after the other, and waits for the members to be well after each. */
export class StoreNemesis {
  readonly #ports: NemesisPorts;
  readonly #faults: Readonly<Record<FaultKind, (recovered: () => Promise<void>) => Promise<string>>> = {
    'leader killed': (recovered) => this.#kill(true, recovered),
    'follower killed': (recovered) => this.#kill(false, recovered),
    'leader stopped': (recovered) => this.#stop(true, recovered),
    'follower stopped': (recovered) => this.#stop(false, recovered),
    'full disk': (recovered) => this.#fill(recovered),
    'short write': (recovered) => this.#shorten(recovered),
    'failed sync': (recovered) => this.#failSync(recovered),
    'power lost on one': (recovered) => this.#losePower(false, recovered),
    'power lost on all': (recovered) => this.#losePower(true, recovered),
    'flipped read': (recovered) => this.#flipRead(recovered),
    'hung disk': (recovered) => this.#hang(recovered),
  };

  constructor(ports: NemesisPorts) {
    this.#ports = ports;
  }

  async strike(kind: FaultKind): Promise<FaultReport> {
    await this.well();
    await pause(this.#between(200, 800));
    let recoveryMs = 0;
    const effect = await this.#faults[kind](async () => {
      const from = performance.now();
      const before = this.#ports.clients.acknowledged;
      await eventually('writes to go on', async () => {
        if (this.#ports.clients.acknowledged >= before + progressWrites) return true;
        await this.#findLeader().catch(() => undefined);
        return false;
      });
      recoveryMs = Math.round(performance.now() - from);
    });
    await this.well();
    return { kind, effect, recoveryMs };
  }

  /** Resolves when all members vote, know one leader and have what it has; else it says what each of them says. */
  async well(): Promise<void> {
    const { peer } = this.#ports;
    await eventually('all members to be well', async () => {
      const statuses = await Promise.all(peer.names.map((name) => peer.status(name)));
      const latest = Math.max(...statuses.map(({ commitIndex }) => commitIndex));
      const [leader, ...others] = new Set(statuses.map(({ leader: known }) => known));
      const well = statuses.every(
        ({ appliedIndex, voters, alarms }) =>
          latest - appliedIndex < 500 && voters?.length === peer.names.length && (alarms ?? []).length === 0,
      );
      if (!well || leader === undefined || others.length > 0) throw new Error(JSON.stringify(statuses));
      peer.leader = leader;
      return true;
    });
  }

  /**
   * Ends what a fault that failed may have left: all members start again on honest disks. Answers what is still wrong
   * then.
   */
  async end(): Promise<readonly string[]> {
    const { peer, disks, cramped } = this.#ports;
    await Promise.allSettled(peer.names.map((name) => peer.kill(name)));
    for (const disk of disks.values()) {
      for (const order of ['failSyncs', 'hangSyncs', 'flipReads'] as const) disk.order(order, 0);
      disk.order('spaceLeft', -1);
    }
    if (cramped !== undefined) rmSync(join(cramped.folder, 'ballast'), { force: true });
    const started = await Promise.allSettled(peer.names.map((name) => peer.startMember(name)));
    const ended = [...started, ...(await Promise.allSettled([this.well()]))];
    return ended.flatMap((one) => (one.status === 'rejected' ? [errorMessage(one.reason)] : []));
  }

  /** The members whose disks lie. */
  #disk(name: string): FaultyDisk {
    const disk = this.#ports.disks.get(name);
    if (disk === undefined) throw new Error(`${name} has no lying disk`);
    return disk;
  }

  #between(least: number, most: number): number {
    return least + this.#ports.random.below(most - least);
  }

  #any<T>(of: readonly T[]): T {
    return of[this.#ports.random.below(of.length)] as T;
  }

  /** The leader of the newest term, among those that answer at once. */
  async #findLeader(among = this.#ports.peer.names): Promise<StoreStatus> {
    const { peer } = this.#ports;
    const asked = await Promise.all(
      among.map((name) => Promise.race([peer.status(name).catch(() => undefined), pause(500)])),
    );
    const [leading] = asked
      .filter((status) => status?.role === 'leader')
      .sort((one, two) => (two?.term ?? 0) - (one?.term ?? 0));
    if (leading === undefined) throw new Error('nobody leads');
    peer.leader = leading.member;
    return leading;
  }

  async #victim(leads: boolean): Promise<string> {
    const { member } = await eventually('a leader', () => this.#findLeader());
    return leads ? member : this.#any(this.#ports.peer.names.filter((name) => name !== member));
  }

  async #kill(leads: boolean, recovered: () => Promise<void>): Promise<string> {
    const { peer } = this.#ports;
    const victim = await this.#victim(leads);
    const ending = peer.kill(victim);
    await recovered();
    const { signal } = await ending;
    proven(signal === 'SIGKILL', `${victim} ended with ${signal}`);
    await peer.startMember(victim);
    return `${victim} ended by SIGKILL`;
  }

  async #stop(leads: boolean, recovered: () => Promise<void>): Promise<string> {
    const { peer } = this.#ports;
    const victim = await this.#victim(leads);
    const { term } = await peer.status(victim);
    const others = peer.names.filter((name) => name !== victim);
    peer.signal(victim, 'SIGSTOP');
    const stopped = pause(this.#between(stillMs.least, stillMs.most));
    await recovered();
    await stopped;
    const state = /^State:\s+(\S)/m.exec(readFileSync(`/proc/${peer.pid(victim)}/status`, 'utf8'))?.[1];
    const next = await eventually('a leader among the others', () => this.#findLeader(others));
    peer.signal(victim, 'SIGCONT');
    proven(state === 'T', `the kernel says that ${victim} is ${state}`);
    proven(!leads || next.term > term, `${next.member} leads in term ${next.term}, ${victim} led in ${term}`);
    return `${victim} stood still (${state}), ${next.member} led in term ${next.term}`;
  }

  async #fill(recovered: () => Promise<void>): Promise<string> {
    const { cramped } = this.#ports;
    if (cramped === undefined) throw new Error('no member has a small file system');
    const ballast = join(cramped.folder, 'ballast');
    spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1M'], { stdio: 'ignore' });
    await recovered();
    const refused = await this.#untilFull(cramped.member);
    rmSync(ballast);
    await this.#untilRoom(cramped.member);
    return `${cramped.member}: ${refused}`;
  }

  async #shorten(recovered: () => Promise<void>): Promise<string> {
    const victim = this.#any(this.#ports.peer.names);
    const disk = this.#disk(victim);
    const before = disk.count('shortened') + disk.count('refused');
    disk.order('spaceLeft', this.#between(1, 20_000));
    await recovered();
    const refused = await this.#untilFull(victim);
    const faults = disk.count('shortened') + disk.count('refused') - before;
    disk.order('spaceLeft', -1);
    proven(faults > 0, `no write of ${victim} was cut short`);
    await this.#untilRoom(victim);
    return `${victim}: ${faults} writes cut short or refused; ${refused}`;
  }

  /** Large values make a member need space. Answers how it refused. */
  async #untilFull(member: string): Promise<string> {
    const { peer } = this.#ports;
    const value = Buffer.alloc(64 * 1024, 'x');
    let written = 0;
    const refused = await eventually('a refusal', async () => {
      const [, revision, why] = await peer.ask(member, 'put', `/ballast/${written++ % 8}`, value);
      return revision === -2 && /\(disk-full\)$/.test(String(why)) ? String(why) : undefined;
    });
    proven(
      (await peer.status(member)).alarms?.some(({ type }) => type === 'disk-full') === true,
      `${member} raises no alarm`,
    );
    return refused;
  }

  async #untilRoom(member: string): Promise<void> {
    await eventually('the member to take writes again', async () => {
      const [, revision] = await this.#ports.peer.ask(member, 'put', '/ballast/0', Buffer.from('small'));
      return revision > 0;
    });
  }

  /** Half of the time the power fails after the next start, which must have written again what it read. */
  async #failSync(recovered: () => Promise<void>): Promise<string> {
    const { peer, random } = this.#ports;
    const victim = this.#any(peer.names);
    const disk = this.#disk(victim);
    const before = disk.count('failed');
    const ended = peer.ended(victim);
    disk.order('failSyncs', 1);
    await recovered();
    const { code } = await Promise.race([ended, pause(20_000).then(() => ({ code: null }))]);
    const failed = disk.count('failed') - before;
    disk.order('failSyncs', 0);
    proven(failed === 1, `${failed} syncs failed`);
    proven(code === 1, `${victim} ended with ${code} after its sync had failed`);
    await peer.kill(victim);
    await peer.startMember(victim);
    if (random.below(2) === 0) return `${victim} ended by itself`;
    await this.well();
    await peer.kill(victim);
    const { bytes } = disk.losePower();
    await peer.startMember(victim);
    return `${victim} ended by itself; then a power loss took ${bytes} bytes`;
  }

  /** At least one disk has something to lose: its syncs hang. The others are caught in whatever they do. */
  async #losePower(everywhere: boolean, recovered: () => Promise<void>): Promise<string> {
    const { peer, random } = this.#ports;
    const hung = await this.#victim(!everywhere && random.below(2) === 0);
    this.#disk(hung).order('hangSyncs', 1);
    await eventually('a sync that hangs', () => this.#disk(hung).count('hanging') > 0);
    await pause(this.#between(0, 60));
    const victims = everywhere ? peer.names : [hung];
    await Promise.all(victims.map((name) => peer.kill(name)));
    // Where all are down, what counts is how long the members take once they are up.
    const recovering = everywhere ? undefined : recovered();
    const losses = victims.map((name) => {
      const disk = this.#disk(name);
      disk.order('hangSyncs', 0);
      const { atRisk, bytes, files } = disk.losePower({ random, share: this.#any([0, 0.5, 0.9]) });
      proven(name !== hung || atRisk > 0, `${name} had nothing to lose`);
      return `${name} lost ${bytes} of ${atRisk} bytes${files > 0 ? ` and ${files} names or lengths` : ''}`;
    });
    await recovering;
    await Promise.all(victims.map((name) => peer.startMember(name)));
    if (everywhere) await recovered();
    return losses.join('; ');
  }

  async #flipRead(recovered: () => Promise<void>): Promise<string> {
    const { peer, random } = this.#ports;
    const victim = this.#any(peer.names);
    const disk = this.#disk(victim);
    await peer.kill(victim);
    await recovered();
    const before = disk.count('flipped');
    disk.order('flipAt', random.below(2 ** 31));
    disk.order('flipReads', 1);
    await peer.startMember(victim);
    const flipped = disk.count('flipped') - before;
    disk.order('flipReads', 0);
    proven(flipped === 1, `${flipped} reads were changed`);
    return `${victim} read one wrong bit at its start`;
  }

  /** The leader's disk hangs for longer than an election takes: it hands over, or steps down. */
  async #hang(recovered: () => Promise<void>): Promise<string> {
    const { peer } = this.#ports;
    const victim = await this.#victim(true);
    const disk = this.#disk(victim);
    disk.order('hangSyncs', 1);
    try {
      await eventually('a sync that hangs', () => disk.count('hanging') > 0);
      await recovered();
      const next = await eventually('another leader', async () => {
        const { member } = await this.#findLeader(peer.names.filter((name) => name !== victim));
        return member;
      });
      return `a sync of ${victim} hung, ${next} led`;
    } finally {
      disk.order('hangSyncs', 0);
    }
  }
}
