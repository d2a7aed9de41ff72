/** What is broken: a cluster, and how it can be reached and hurt. */
import type { Access } from '../clients/api-client.ts';
import type { KeptEngine } from './kept-engine.ts';
import type { MemberClocks } from './member-clocks.ts';
import type { MemberDisks } from './member-disks.ts';
import type { MemberGroups } from './member-groups.ts';
import type { MemberHomes } from './member-homes.ts';
import type { Swarm } from './swarm/swarm.ts';
import type { TroupeCommand, TroupeHome } from './troupe-home.ts';

/** What the report says of the cluster. */
export interface TargetFacts {
  readonly name: string;
  /** `troupe`, `kubernetes` or `docker-swarm`. */
  readonly orchestrator: string;
  readonly version: string;
  readonly members: number;
  readonly nodes: number;
  /** What runs containers: `docker`, `simulated`, or what the nodes say. */
  readonly runtime: string;
}

/** Where Services, DNS and Ingress answer from this process. */
interface NetworkAccess {
  readonly dnsAddress: string;
  readonly ingress?: { readonly host: string; readonly port: number } | undefined;
}

interface Upgrade {
  /** Its tag and commit. */
  readonly from: string;
  /** This version's. */
  readonly command: TroupeCommand;
}

export interface Target {
  readonly facts: TargetFacts;
  readonly access: Access;
  /** Of a Troupe cluster on this machine: its processes, files and commands. */
  readonly home?: TroupeHome | undefined;
  /** Of a Docker Swarm: its machines. Absent: the API is that of Kubernetes. */
  readonly swarm?: Swarm | undefined;
  /** Where each member has a home of its own, so that another one can take its place. */
  readonly homes?: MemberHomes | undefined;
  /** The version that the cluster was begun with, and this one's program; or why there is no earlier one. */
  readonly upgrade?: Upgrade | string | undefined;
  /** What faults of networks, disks and clocks need, where it was prepared. */
  readonly groups?: MemberGroups | undefined;
  readonly disks?: MemberDisks | undefined;
  readonly clocks?: MemberClocks | undefined;
  /** The Docker engine below the nodes, where the run started one for them. */
  readonly engine?: KeptEngine | undefined;
  /** An image with a shell, httpd and sleep that its nodes have or can get. */
  readonly image: string;
  /** Absent: Services, DNS and Ingress are out of reach. */
  readonly network?: NetworkAccess | undefined;
  /** What else cannot be checked in it, one sentence each. */
  readonly unchecked?: readonly string[] | undefined;
  /** The run made it, and removes it: nothing in it needs to be tidied up. */
  readonly madeByRun: boolean;
  /** What is wrong with it, one sentence each; empty: it is well. */
  complaints(): Promise<readonly string[]>;
  /** Removes what was made for the run. Answers what could not be removed, a sentence each; empty: nothing is left. */
  close(): Promise<readonly string[]>;
}

/** A fault or workload that this cluster, or this machine, does not allow; the reason is a sentence for the report. */
export class Impossible extends Error {
  override readonly name = 'Impossible';
}
