/** What a seed draws: members, disks, network, clocks and faults. */
import { type Random, seededRandom } from '../../src/base/index.ts';

/** What the nemesis may do to members, disks and the network. */
const faultNames = [
  'crash',
  'crash-at-disk',
  'crash-at-send',
  'kill',
  'power-outage',
  'pause',
  'split',
  'isolate-leader',
  'one-way',
  'ring',
  'clock-jump',
  'slow-sync',
  'failing-sync',
  'full-disk',
  'bit-rot',
  'transfer',
  'membership',
  'restart-all',
  'storm',
] as const;
/** What only some seeds have, drawn from a separate stream so that the others stay as they were. */
const rareFaultNames = [
  'figure-eight',
  'bounce',
  'administration',
  'backup',
  'flood',
  'hung-leader',
  'hung-followers',
  'hung-disks',
  'stall',
  'deaf-leader',
  'dumb-leader',
  'echo',
] as const;
/** What disks do beside losing power; drawn from a stream of its own for the same reason. */
const diskFaultNames = [
  'rot-newest',
  'lose-newest',
  'lose-segment',
  'lose-log',
  'lost-write',
  'misdirected-write',
  'duplicated-write',
  'unreadable',
  'failing-unlink',
  'failing-rename',
  'tight-disk',
  'crash-in-snapshot',
  'crash-in-turnover',
] as const;
/** As rare, and drawn from a stream of their own. */
const operatorFaultNames = ['far-clock', 'large-object', 'twice-written', 'former-life'] as const;
/** What came later, drawn from a stream of its own for the same reason. */
const laterFaultNames = ['outrun', 'compact', 'crash-after-removal', 'lose-snapshot'] as const;
/** Faults of encrypted stores alone. */
const encryptionFaultNames = ['rotate-key'] as const;
/** What operators do when the cluster is well again after the faults. */
const aftermaths = ['wrong-command', 'mixed-restore', 'mixed-recover'] as const;
export type Aftermath = (typeof aftermaths)[number];
export type FaultName =
  | (typeof faultNames)[number]
  | (typeof rareFaultNames)[number]
  | (typeof diskFaultNames)[number]
  | (typeof operatorFaultNames)[number]
  | (typeof laterFaultNames)[number]
  | (typeof encryptionFaultNames)[number];
/** The rows of the coverage table. */
export const everyFault: readonly FaultName[] = [
  ...faultNames,
  ...rareFaultNames,
  ...diskFaultNames,
  ...operatorFaultNames,
  ...laterFaultNames,
  ...encryptionFaultNames,
];

/** One seed's mix. Everything that differs between runs is here, and all of it follows from the seed. */
export interface SimulationOptions {
  readonly members: number;
  readonly clients: number;
  readonly watchers: number;
  readonly groups: number;
  /** How long faults go on, in virtual ms. */
  readonly faultMs: number;
  /** Mean pause between two faults of one name, in ms; absent names do not happen. */
  readonly faults: Readonly<Partial<Record<FaultName, number>>>;
  readonly loss: number;
  readonly duplication: number;
  /** Share of the messages that are late, and by how much at most, in ms. */
  readonly late: number;
  readonly lateMs: number;
  /**
   * The network repeats an answer to a read when the same member asks with the same context again, be it in another
   * life: the worst moment.
   */
  readonly longMemory?: boolean;
  readonly latencyMs: number;
  readonly syncMs: number;
  readonly diskLatencyMs: number;
  /** The fastest clock's gain over the slowest, as a share. */
  readonly drift: number;
  readonly segmentBytes: number;
  readonly snapshotEntries: number;
  readonly historyMs: number;
  readonly historyEventsMax: number;
  readonly thinkMs: number;
  readonly valueBytes: number;
  /**
   * Bytes of entries in one message to a follower; at 1 each entry travels alone, and the network keeps their order as
   * a connection does.
   */
  readonly appendBytesMax: number;
  /** Sessions that the state remembers. */
  readonly sessionsMax: number;
  /** Applied entries that stay in memory for members that lag; absent: as in the product, which no run fills. */
  readonly entriesKept?: number | undefined;
  /** A third of the strikes wait for a phase of the cluster, so that they meet those that are short. */
  readonly seeks: boolean;
  /** Lease keys that are stored at most. */
  readonly leasesMax: number;
  /** In place of a mix: this fault alone meets one phase after the other, each of which is brought about. */
  readonly tour?: FaultName;
  /** Bytes of a chunk of a snapshot, about. */
  readonly chunkBytes: number;
  /** The members' files are encrypted, each with keys of its own. */
  readonly encrypted: boolean;
  /** Played at the end; absent in most runs. */
  readonly aftermath?: Aftermath | undefined;
  /** So many members never come back after the faults: for tests of the verdict. */
  readonly lostForGood?: number;
}

function draw<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)] as T;
}

function drawFaults(random: Random, rotWithMembership: boolean): Partial<Record<FaultName, number>> {
  const share = draw(random, [0.1, 0.2, 0.4]);
  const faults: Partial<Record<FaultName, number>> = {};
  for (const name of faultNames) {
    const wanted = random.fraction() < share;
    const mean = draw(random, [1_500, 5_000, 12_000]);
    if (wanted) faults[name] = mean;
  }
  if (faults.membership !== undefined && !rotWithMembership) delete faults['bit-rot'];
  return faults;
}

type Mix = Pick<SimulationOptions, 'appendBytesMax' | 'sessionsMax' | 'leasesMax' | 'seeks' | 'chunkBytes'> &
  Partial<SimulationOptions>;

/** Seeds below this have the mixes with which most planted bugs were found; those from here on meet more. */
const rareFrom = 1_000;
const wholeChunkBytes = 128 * 1024;
const usualMix = {
  appendBytesMax: 512 * 1024,
  sessionsMax: 256,
  leasesMax: 100_000,
  seeks: false,
  chunkBytes: wholeChunkBytes,
};

/** The mix in which one fault meets all phases in turn. */
export const tourMix = (tour: FaultName): Partial<SimulationOptions> => ({
  tour,
  encrypted: tour === 'rotate-key',
  faults: {},
  members: 5,
  clients: 2,
  watchers: 1,
  groups: 1,
  faultMs: 45_000,
  loss: 0,
  duplication: 0,
  late: 0,
  latencyMs: 3,
  syncMs: 5,
  diskLatencyMs: 1,
  segmentBytes: 16 * 1024,
  snapshotEntries: 300,
  entriesKept: 10,
  thinkMs: 30,
  chunkBytes: 512,
});

/** The fault on tour that the coverage table takes this seed for. */
export const tourOf = (seed: number): FaultName => everyFault[seed % everyFault.length] as FaultName;

/** What a mix drawn part by part would meet too rarely: each of these needs several things at once. */
function drawRare(random: Random): Mix & { readonly more: Partial<Record<FaultName, number>> } {
  const limits = {
    seeks: true,
    appendBytesMax: draw(random, [512 * 1024, 512 * 1024, 512 * 1024, 400]),
    sessionsMax: draw(random, [256, 256, 256, 8]),
    leasesMax: draw(random, [100_000, 100_000, 100_000, 2]),
    chunkBytes: draw(random, [512, 2_048, wholeChunkBytes]),
    entriesKept: draw(random, [10, undefined]),
  };
  const more: Partial<Record<FaultName, number>> = {};
  for (const name of rareFaultNames) if (random.below(6) === 0) more[name] = draw(random, [1_000, 3_000, 8_000]);
  switch (random.below(10)) {
    // Leaders that die with entries which few have, one after the other (Raft paper, figure 8).
    case 0:
      return {
        ...limits,
        more: { 'figure-eight': draw(random, [500, 1_000, 2_000]) },
        faults: {},
        members: 5,
        appendBytesMax: 1,
        faultMs: 20_000,
        loss: 0,
        duplication: 0,
        late: 0,
        latencyMs: draw(random, [3, 15]),
        syncMs: draw(random, [1, 20]),
        thinkMs: 15,
      };
    // Short lives and a network with a long memory: answers to an earlier life arrive in the next one.
    case 1:
      return {
        ...limits,
        more: { ...more, bounce: draw(random, [500, 1_000]) },
        members: 3,
        longMemory: true,
        late: 0.05,
        lateMs: draw(random, [50, 500]),
        latencyMs: draw(random, [3, 15]),
        loss: 0,
        thinkMs: 3,
        clients: 8,
        groups: 1,
        faultMs: 20_000,
      };
    // Members that come back need a snapshot, and what was deleted meanwhile is no longer kept.
    case 2:
      return {
        ...limits,
        more: { ...more, crash: 3_000, 'isolate-leader': 3_000 },
        members: draw(random, [3, 3, 5]),
        entriesKept: 10,
        snapshotEntries: 20,
        historyEventsMax: 20,
        watchers: 4,
        thinkMs: 3,
        syncMs: draw(random, [0, 5]),
        loss: draw(random, [0, 0.05]),
      };
    case 3:
      return { ...limits, ...tourMix(draw(random, everyFault)), more: {} };
    default:
      return { ...limits, more };
  }
}

/** Most seeds have none or one of them, every fifth has many. */
function drawDiskFaults(random: Random): Partial<Record<FaultName, number>> {
  const among = random.below(5) === 0 ? 3 : 16;
  const faults: Partial<Record<FaultName, number>> = {};
  for (const name of diskFaultNames) if (random.below(among) === 0) faults[name] = draw(random, [1_000, 3_000, 8_000]);
  return faults;
}

/** Mistakes of operators and their likes. */
function drawOperators(random: Random): {
  readonly faults: Partial<Record<FaultName, number>>;
  readonly aftermath: Aftermath | undefined;
} {
  const faults: Partial<Record<FaultName, number>> = {};
  for (const name of operatorFaultNames) if (random.below(8) === 0) faults[name] = draw(random, [2_000, 5_000]);
  return { faults, aftermath: random.below(3) === 0 ? draw(random, aftermaths) : undefined };
}

function drawLater(random: Random): Partial<Record<FaultName, number>> {
  const faults: Partial<Record<FaultName, number>> = {};
  for (const name of laterFaultNames) if (random.below(6) === 0) faults[name] = draw(random, [1_000, 3_000, 8_000]);
  return faults;
}

/** A third of the runs is encrypted. */
function drawEncryption(random: Random): Pick<SimulationOptions, 'encrypted' | 'faults'> {
  const encrypted = random.below(3) === 0;
  const rotates = encrypted && random.below(2) === 0;
  return { encrypted, faults: rotates ? { 'rotate-key': draw(random, [1_000, 3_000, 8_000]) } : {} };
}

/** Draws a mix. Some seeds have a calm network, some a short history, some many small segments. */
export function drawOptions(seed: number): SimulationOptions {
  const random = seededRandom(seed ^ 0x5eed);
  const calm = random.below(4) === 0;
  const { more, ...rare } = seed < rareFrom ? { ...usualMix, more: {} } : drawRare(seededRandom(seed ^ 0xface));
  const usual = {
    encrypted: false,
    members: draw(random, [1, 2, 3, 3, 3, 3, 3, 4, 5, 5, 7]),
    clients: draw(random, [2, 3, 5, 8]),
    watchers: draw(random, [1, 2, 4]),
    groups: draw(random, [1, 2, 4]),
    faultMs: draw(random, [8_000, 15_000, 30_000]),
    faults: drawFaults(random, seed >= rareFrom),
    loss: calm ? 0 : draw(random, [0, 0.01, 0.05, 0.2]),
    duplication: calm ? 0 : draw(random, [0, 0.01, 0.1]),
    late: calm ? 0 : draw(random, [0, 0.01, 0.1]),
    lateMs: draw(random, [50, 500, 3_000]),
    latencyMs: draw(random, [1, 3, 15]),
    syncMs: draw(random, [0, 1, 5, 20, 100]),
    diskLatencyMs: draw(random, [0, 0, 1]),
    drift: draw(random, [0, 0.02, 0.2]),
    segmentBytes: draw(random, [4, 16, 64]) * 1024,
    snapshotEntries: draw(random, [20, 60, 300, 10_000]),
    historyMs: draw(random, [300_000, 300_000, 3_000]),
    historyEventsMax: draw(random, [50_000, 50_000, 50_000, 40]),
    thinkMs: draw(random, [3, 15, 60]),
    valueBytes: draw(random, [0, 0, 200]),
  };
  const faults = { ...(rare.faults ?? usual.faults), ...more };
  if (seed < rareFrom) return { ...usual, ...rare, faults };
  const disks = drawDiskFaults(seededRandom(seed ^ 0xd15c));
  const operators = drawOperators(seededRandom(seed ^ 0x0b5e));
  const { aftermath } = operators;
  if (rare.tour !== undefined) return { ...usual, ...rare, faults: {}, aftermath };
  const later = drawLater(seededRandom(seed ^ 0x1a7e));
  const { encrypted, faults: rotation } = drawEncryption(seededRandom(seed ^ 0xc1f4));
  const mix = { ...faults, ...disks, ...operators.faults, ...later, ...rotation };
  return { ...usual, ...rare, encrypted, faults: mix, aftermath };
}

/** One line, the same for the same options. */
export function describeOptions(options: SimulationOptions): string {
  const { faults, ...rest } = options;
  const mix = Object.entries(faults)
    .map(([name, mean]) => `${name}/${mean}`)
    .join(' ');
  return `${Object.entries(rest)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')} faults=[${mix}]`;
}
