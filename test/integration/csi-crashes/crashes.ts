/** Many pods with CSI volumes on a node whose agent and driver are killed again and again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Random, seededRandom } from '../../../src/base/index.ts';
import { eventually } from '../cluster.ts';
import { CrashWorld, type VolumeKind } from './crash-world.ts';

export interface CrashOptions {
  readonly seed: number;
  readonly pods: number;
  /** How many pods come or go between two misfortunes, on average. */
  readonly podsBetween: number;
}

/** What a run did, and what was wrong in it. */
export interface CrashReport {
  readonly pods: number;
  /** Of these some went before they ran. */
  readonly ran: number;
  readonly volumes: number;
  readonly agentKills: number;
  readonly driverKills: number;
  readonly faults: number;
  readonly seconds: number;
  /** Empty, unless something is broken. */
  readonly problems: readonly string[];
}

const podsAtOnce = 24;
const stepMs = 25;
const hangMs = 1_000;
/** A busy machine may take its time. */
const stuckMs = 150_000;
const speed = 5;
const methods = ['NodeStageVolume', 'NodeUnstageVolume', 'NodePublishVolume', 'NodeUnpublishVolume'] as const;
const mishaps = ['hang', 'fail', 'lie', 'die-before', 'die-after'] as const;

interface LivePod {
  readonly name: string;
  readonly claims: readonly string[];
  /** Steps that it still has once it runs, and at all. */
  steps: number;
  patience: number;
  ran: boolean;
}

/** Rejects when the node gets stuck; everything else that is wrong stands in the report. */
export async function runCrashes(options: CrashOptions): Promise<CrashReport> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-crashes-'));
  const world = new CrashWorld(folder, speed);
  try {
    return await new Crashes(world, options).run();
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${world.said()}`, { cause: error });
  } finally {
    await world.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

class Crashes {
  readonly #world: CrashWorld;
  readonly #options: CrashOptions;
  readonly #random: Random;
  readonly #live = new Map<string, LivePod>();
  readonly #free: Record<VolumeKind, string[]> = { folder: [], image: [], block: [] };
  #made = 0;
  #ran = 0;
  #gone = 0;
  #volumes = 0;
  #agentKills = 0;
  #driverKills = 0;
  #faults = 0;
  #hangs = false;

  constructor(world: CrashWorld, options: CrashOptions) {
    this.#world = world;
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  async run(): Promise<CrashReport> {
    const world = this.#world;
    const from = performance.now();
    world.startDriver();
    world.startAgent();
    await this.#through();
    world.rig.faults({});
    if (this.#hangs) await this.#restartDriver();
    for (const { name } of this.#live.values()) world.deletePod(name);
    await eventually('all pods to be gone', () => this.#settle() && this.#live.size === 0, stuckMs);
    await eventually('nothing to be left', () => world.left().length === 0, 30_000).catch(() => undefined);
    return {
      pods: this.#made,
      ran: this.#ran,
      volumes: this.#volumes,
      agentKills: this.#agentKills,
      driverKills: this.#driverKills,
      faults: this.#faults,
      seconds: (performance.now() - from) / 1000,
      problems: [...world.problems, ...world.left(), ...world.lostContents()],
    };
  }

  /** Until every pod was made, and the last ones are under way. */
  async #through(): Promise<void> {
    const { pods, podsBetween } = this.#options;
    let progress = performance.now();
    let moved = 0;
    let next = 0;
    while (this.#made < pods || this.#live.size > podsAtOnce / 2) {
      const before = this.#made + this.#gone;
      for (let i = 0; i < 3 && this.#made < pods && this.#live.size < podsAtOnce; i++) this.#addPod();
      this.#settle();
      const moves = this.#made + this.#gone - before;
      if (moves > 0) progress = performance.now();
      moved += moves;
      // What hangs is killed before long.
      if (moved >= next || (this.#hangs && performance.now() - progress > hangMs)) {
        moved = 0;
        next = 2 * podsBetween * this.#random.fraction();
        await this.#misfortune();
      }
      this.#world.look();
      if (performance.now() - progress > stuckMs) throw new Error(`no pod came or went for so long: ${this.#stuck()}`);
      await pause(stepMs);
    }
  }

  #stuck(): string {
    return [...this.#live.keys()]
      .map((name) => `${name} (${this.#world.pod(name)?.status?.phase ?? 'no status'})`)
      .join(', ');
  }

  #addPod(): void {
    const random = this.#random;
    const chance = random.fraction();
    const kind = chance < 0.8 ? 'folder' : chance < 0.9 ? 'image' : 'block';
    const inline = random.fraction() < 0.2 ? 1 : 0;
    // A third of the pods share the volume of another one.
    const others = [...this.#live.values()].flatMap(({ claims }) => claims);
    const shared = random.fraction() < 0.33 ? others[random.below(others.length)] : undefined;
    const claims = [shared ?? this.#claim(kind)];
    const name = `pod-${this.#made}`;
    this.#made += 1;
    this.#world.addPod(name, { claims, inline }, { ends: random.fraction() < 0.2 });
    this.#live.set(name, {
      name,
      claims,
      steps: random.below(20),
      // Some are deleted while their volumes are on the way.
      patience: random.fraction() < 0.15 ? random.below(10) : Number.POSITIVE_INFINITY,
      ran: false,
    });
  }

  #claim(kind: VolumeKind): string {
    const free = this.#free[kind].pop();
    if (free !== undefined) return free;
    this.#volumes += 1;
    const name = `${kind}-${this.#volumes}`;
    this.#world.addVolume(name, kind);
    return name;
  }

  /** Notes what became of the pods, and lets go of those whose time is up. */
  #settle(): boolean {
    const world = this.#world;
    if (world.agentFailed) throw new Error('the agent ended by itself');
    if (world.rig.hasEnded('driver node')) this.#startDriver();
    for (const pod of [...this.#live.values()]) {
      const found = world.pod(pod.name);
      const runs = (found?.status?.phase ?? 'Pending') !== 'Pending';
      if (found === undefined) this.#forget(pod);
      else if (runs || pod.patience <= 0) this.#age(pod, runs);
      else pod.patience -= 1;
    }
    return true;
  }

  #age(pod: LivePod, runs: boolean): void {
    if (runs && !pod.ran) this.#ran += 1;
    pod.ran ||= runs;
    pod.steps -= 1;
    if (pod.steps < 0) this.#world.deletePod(pod.name);
  }

  #forget({ name, claims }: LivePod): void {
    this.#live.delete(name);
    this.#gone += 1;
    for (const claim of claims)
      if (![...this.#live.values()].some((other) => other.claims.includes(claim)))
        this.#free[claim.split('-')[0] as VolumeKind].push(claim);
  }

  async #misfortune(): Promise<void> {
    const chance = this.#random.fraction();
    if (chance < 0.3) await this.#restartAgent();
    else if (chance < 0.6) await this.#restartDriver();
    else if (chance < 0.7) {
      await Promise.all([this.#restartAgent(), this.#restartDriver()]);
    } else this.#strike();
  }

  async #restartAgent(): Promise<void> {
    this.#agentKills += 1;
    await this.#world.killAgent();
    this.#world.startAgent();
  }

  async #restartDriver(): Promise<void> {
    this.#driverKills += 1;
    this.#hangs = false;
    await this.#world.rig.kill('driver node');
    this.#startDriver();
  }

  /** A mishap strikes one life of the driver. */
  #startDriver(): void {
    this.#world.rig.faults({});
    this.#world.startDriver();
  }

  /** One of the driver's next calls goes wrong. A lie about a device cannot be found out, so it lies about folders. */
  #strike(): void {
    const method = methods[this.#random.below(methods.length)] ?? 'NodeStageVolume';
    const mishap = mishaps[this.#random.below(mishaps.length)] ?? 'fail';
    this.#faults += 1;
    this.#hangs ||= mishap === 'hang';
    const only = method === 'NodeUnstageVolume' && mishap === 'lie' ? { only: '"folder-' } : {};
    this.#world.rig.faults({
      [method]: { do: mishap, times: 1, ...only },
      struck: { do: 'fail', times: this.#faults },
    });
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
