/** The faults that a scenario may name: what each strikes, how long it lasts by default, what its amount means. */

interface FaultFacts {
  /** One sentence for `troupe chaos explain`. */
  readonly summary: string;
  /** What it strikes; the first is the default. */
  readonly strikes: readonly string[];
  /** How long it lasts unless the scenario says; 0: it is over at once, what it broke has to heal by itself. */
  readonly forMs: number;
  /** What `amount` means, with its default. */
  readonly amount?: { readonly unit: string; readonly usual: number } | undefined;
}

const processes = ['member', 'agent', 'nats-server', 'dockerd', 'containerd'] as const;

const faultTable = {
  kill: { summary: 'Kills a process with SIGKILL.', strikes: [...processes, 'member+nats'], forMs: 0 },
  freeze: {
    summary: 'Stops a process with SIGSTOP, and lets it go on.',
    strikes: [...processes, 'member+nats'],
    forMs: 2_000,
  },
  'machine-death': {
    summary: "Kills a node's agent and all its containers, as when its machine dies; it starts again with what it had.",
    strikes: ['node'],
    forMs: 15_000,
  },
  'machine-loss': {
    summary: "Kills a node's agent and removes its containers; what starts again has none.",
    strikes: ['node'],
    forMs: 15_000,
  },
  'power-loss': {
    summary: "Cuts a member's power: what its disk had not synced is gone when it starts again.",
    strikes: ['member'],
    forMs: 1_000,
  },
  cut: {
    summary: 'Drops all packets between a member and the others; clients still reach it.',
    strikes: ['member'],
    forMs: 3_000,
  },
  'cut-in': {
    summary: 'Drops what comes to a member; what it sends arrives.',
    strikes: ['member'],
    forMs: 3_000,
  },
  'cut-out': {
    summary: 'Drops what a member sends; it still hears the others.',
    strikes: ['member'],
    forMs: 3_000,
  },
  loss: {
    summary: 'Drops a share of the packets between a member and the others.',
    strikes: ['member'],
    forMs: 5_000,
    amount: { unit: '% of packets', usual: 20 },
  },
  delay: {
    summary: 'Delays the packets between a member and the others.',
    strikes: ['member'],
    forMs: 5_000,
    amount: { unit: 'ms', usual: 100 },
  },
  'disk-full': { summary: "Fills a member's disk to the last byte.", strikes: ['member'], forMs: 5_000 },
  'disk-slow': {
    summary: "Delays each sync of a member's disk.",
    strikes: ['member'],
    forMs: 5_000,
    amount: { unit: 'ms', usual: 100 },
  },
  'disk-fails': { summary: "Lets each sync of a member's disk fail with EIO.", strikes: ['member'], forMs: 500 },
  'clock-jump': {
    summary: "Sets a member's clock forward, or back with a negative amount.",
    strikes: ['member'],
    forMs: 10_000,
    amount: { unit: 's', usual: 300 },
  },
  'cpu-pressure': {
    summary: 'Leaves a process a share of one processor.',
    strikes: ['member', 'agent'],
    forMs: 5_000,
    amount: { unit: '% of a processor', usual: 10 },
  },
  'memory-pressure': {
    summary: 'Lets a process have only this much more memory than it uses.',
    strikes: ['member', 'agent'],
    forMs: 5_000,
    amount: { unit: 'MiB', usual: 2 },
  },
  'rolling-restart': {
    summary: 'Restarts every member, one after the other, as for an upgrade.',
    strikes: ['cluster'],
    forMs: 0,
  },
  'rolling-upgrade': {
    summary: 'Takes every machine from the last tagged version to this one, one after the other; pods run on.',
    strikes: ['cluster'],
    forMs: 0,
  },
  'rolling-update': {
    summary: 'Replaces every replica of the Service by a new one, as for a new version; ends when all are new.',
    strikes: ['service'],
    forMs: 0,
  },
  'member-replacement': {
    summary: 'Removes a member for good with its home, and lets a new one join with an empty one.',
    strikes: ['member'],
    forMs: 0,
  },
  'certificate-expiry': {
    summary: 'Restarts a member with certificates that soon run out; it has to renew them in time, unasked.',
    strikes: ['member'],
    forMs: 75_000,
    amount: { unit: 's of life', usual: 60 },
  },
  'actor-restart': {
    summary: 'Restarts an actor of a controller through the supervision API.',
    strikes: ['actor'],
    forMs: 0,
  },
  'actor-flood': {
    summary: 'Changes one object as fast as it can, which floods the actors that heed it.',
    strikes: ['actor'],
    forMs: 3_000,
    amount: { unit: 'writes', usual: 500 },
  },
  'actor-stall': { summary: 'Lets an actor stand still; its messages wait.', strikes: ['actor'], forMs: 3_000 },
  'actor-duplicate': { summary: 'Lets every message come twice to an actor.', strikes: ['actor'], forMs: 3_000 },
  'api-abuse': { summary: 'Sends hostile bodies: too deep, too large, broken, endless.', strikes: ['api'], forMs: 0 },
  'pod-delete': { summary: 'Deletes a pod of the workload.', strikes: ['pod'], forMs: 0 },
  'pod-evict': { summary: 'Evicts a pod of the workload, as a drain does.', strikes: ['pod'], forMs: 0 },
  cordon: { summary: 'Lets a node take no new pods.', strikes: ['node'], forMs: 5_000 },
  scale: {
    summary: 'Scales a Deployment of its own up, and back.',
    strikes: ['deployment'],
    forMs: 5_000,
    amount: { unit: 'replicas', usual: 5 },
  },
} as const satisfies Readonly<Record<string, FaultFacts>>;

export type FaultName = keyof typeof faultTable;
export const faultNames = Object.keys(faultTable) as readonly FaultName[];
export const factsOf = (fault: FaultName): FaultFacts => faultTable[fault];
