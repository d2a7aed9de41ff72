/** A cluster that is made for the run on this machine, and removed after it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Timers } from '../../base/index.ts';
import { firstMember, freePort, homeAt } from '../../main/index.ts';
import { ApiClient } from '../clients/api-client.ts';
import { faultNames, type FaultName } from '../scenario/fault-table.ts';
import type { FaultPlan, FaultSpec, Topology } from '../scenario/scenario.ts';
import { type EarlierBundle, earlierBundle } from './earlier-bundle.ts';
import { engineProblem, KeptEngine, saveImage } from './kept-engine.ts';
import { MemberClocks } from './member-clocks.ts';
import { MemberDisks } from './member-disks.ts';
import { MemberGroups } from './member-groups.ts';
import { type Config, MemberHomes } from './member-homes.ts';
import { complaintsOfNodes, nodesOf } from './nodes.ts';
import { failuresOf } from './removal.ts';
import type { Target, TargetFacts } from './target.ts';
import { type TroupeCommand, TroupeHome } from './troupe-home.ts';

interface OwnClusterOptions {
  readonly topology: Topology;
  readonly faults: readonly FaultPlan[];
  readonly command: TroupeCommand;
  readonly image: string;
  readonly timers: Timers;
  readonly say: (text: string) => void;
}

/** Ranges apart from those of a cluster that the user may be running. */
const network = { podCidr: '10.247.0.0/16', serviceCidr: '10.99.0.0/16', dnsAddress: '10.99.0.10' };
const homesApartFaults: readonly FaultName[] = ['member-replacement', 'rolling-upgrade'];
const networkFaults: readonly FaultName[] = ['cut', 'cut-in', 'cut-out', 'loss'];

const specsOf = (plans: readonly FaultPlan[]): readonly FaultSpec[] =>
  plans.flatMap((plan) => (plan.type === 'fixed' ? [plan.spec] : plan.among));

/** The faults that a schedule can have. */
function namesOf(plans: readonly FaultPlan[]): ReadonlySet<FaultName> {
  const specs = specsOf(plans);
  return new Set(faultNames.filter((name) => specs.some(({ fault }) => fault === name)));
}

const anyPort = (): Promise<number> => freePort('0.0.0.0');

/** What was prepared for faults, and has to be taken away again. */
interface Parts {
  homes?: MemberHomes;
  bundle?: EarlierBundle | undefined;
  upgrade?: Target['upgrade'];
  groups?: MemberGroups;
  disks?: MemberDisks;
  clocks?: MemberClocks;
  engine?: KeptEngine;
}

/** Starts it and waits until it is ready; what was begun is removed when that fails. */
export async function ownCluster(options: OwnClusterOptions): Promise<Target> {
  const { command, topology, say } = options;
  const folder = mkdtempSync(join(tmpdir(), 'troupe-chaos-'));
  const problem = homesProblem(options);
  if (problem !== undefined) say(problem);
  const apart = problem === undefined && needsHomesApart(options.faults);
  const earlier = await earlierOf(options, problem);
  const home = new TroupeHome(homeAt(apart ? join(folder, firstMember) : folder), earlier?.command ?? command);
  const parts: Parts = { upgrade: earlier?.upgrade, bundle: earlier?.bundle };
  const close = (): Promise<readonly string[]> => removeCluster(folder, home, parts);
  try {
    const ingressPort = await start(home, parts, { ...options, apart });
    const access = home.access();
    const api = new ApiClient(access);
    const facts = await factsOf(api, home, topology);
    return {
      facts,
      access,
      home,
      ...parts,
      image: options.image,
      madeByRun: true,
      network:
        topology.runtime === 'docker'
          ? { dnsAddress: network.dnsAddress, ingress: { host: '127.0.0.1', port: ingressPort } }
          : undefined,
      complaints: () => complaintsOf(api, home, topology),
      close: () => {
        api.close();
        return close();
      },
    };
  } catch (error) {
    for (const left of await close()) say(left);
    throw error;
  }
}

interface Earlier {
  readonly bundle?: EarlierBundle | undefined;
  readonly upgrade: NonNullable<Target['upgrade']>;
  /** Its program. */
  readonly command?: TroupeCommand | undefined;
}

/** What the cluster begins with for a fault that upgrades it; undefined where there is none. */
async function earlierOf({ faults, command, say }: OwnClusterOptions, problem?: string): Promise<Earlier | undefined> {
  if (!namesOf(faults).has('rolling-upgrade')) return undefined;
  if (problem !== undefined) return { upgrade: problem };
  const bundle = await earlierBundle(command.program.at(-1) ?? '', say);
  if (typeof bundle === 'string') return { upgrade: bundle };
  const { tag, commit, program } = bundle;
  return {
    bundle,
    upgrade: { from: `${tag} (${commit})`, command },
    command: { ...command, program: [...command.program.slice(0, -1), program] },
  };
}

/** Why members share a home, although a fault needs one for each; undefined: none does, or each has one. */
function homesProblem({ topology, faults }: Pick<OwnClusterOptions, 'topology' | 'faults'>): string | undefined {
  if (!needsHomesApart(faults)) return undefined;
  if (topology.members < 2) return 'a single member is neither replaced nor upgraded while others serve';
  if (topology.disks === 'small') return 'members with disks of their own share a home, which no other can join';
  return MemberHomes.problem();
}

/** Members are replaced and upgraded as those of other machines are. */
function needsHomesApart(faults: readonly FaultPlan[]): boolean {
  const names = namesOf(faults);
  return homesApartFaults.some((fault) => names.has(fault));
}

type Prepared = Pick<Parts, 'groups' | 'engine' | 'bundle'> & {
  readonly disks?: Pick<MemberDisks, 'destroy'> | undefined;
};

/** A home whose processes did not end stays: `troupe down` needs it. Disks are within it, and go before it. */
export async function removeCluster(folder: string, home: TroupeHome, parts: Prepared): Promise<readonly string[]> {
  const { disks } = parts;
  const running = await failuresOf([
    ...(disks === undefined ? [] : [() => must(home, ['down'], {}), () => disks.destroy()]),
    ...home.homes.toReversed().map((each) => () => must(home, ['down', '--purge'], { at: each })),
  ]);
  const steps = [
    () => parts.groups?.destroy(),
    () => parts.engine?.remove(),
    () => {
      if (running.length === 0) parts.bundle?.remove();
    },
    () => {
      if (running.length === 0) rmSync(folder, { recursive: true, force: true });
    },
  ];
  const left = [...running, ...(await failuresOf(steps))];
  return left.map((what) => `what the run made in ${folder} is not all gone: ${what}`);
}

/** Answers the port of Ingresses. */
async function start(
  home: TroupeHome,
  parts: Parts,
  options: OwnClusterOptions & { readonly apart: boolean },
): Promise<number> {
  const { topology, faults, apart, say } = options;
  const { folder } = home.home;
  const [apiPort, ingressPort, ingressTlsPort] = [await anyPort(), await anyPort(), await anyPort()];
  const { engine } = await giveEngine(home, parts, options);
  const config = configOf(topology, [ingressPort, ingressTlsPort], engine?.socket);
  const names = namesOf(faults);
  if (names.has('clock-jump')) parts.clocks = new MemberClocks(folder);
  const env = parts.clocks?.environment;
  const { members, nodes, runtime } = topology;
  const name = `chaos-${process.pid}`;
  const flags = ['--cluster', name, '--api-port', String(apiPort), '--runtime', runtime, '--nodes', String(nodes)];
  say(
    `starting a cluster of ${members} member${members === 1 ? '' : 's'} and ${nodes} nodes (${runtime}) in ${folder}`,
  );
  if (apart) parts.homes = await MemberHomes.found(home, { members, nodes, cluster: name, config, env });
  else {
    writeFileSync(home.home.configFile, stringify(config));
    await must(home, ['up', ...flags, '--members', String(members)], { env });
  }
  if (topology.disks === 'small' && !apart) await giveDisks(home, parts, { again: ['up', ...flags], env, say });
  if (members > 1 && networkFaults.some((fault) => names.has(fault))) await giveGroups(home, parts, { env, say });
  return ingressPort;
}

/** Where a fault strikes the engine below the nodes: one that serves nobody else. */
async function giveEngine(home: TroupeHome, parts: Parts, options: OwnClusterOptions): Promise<Parts> {
  const { topology, faults, image, timers, say } = options;
  const struck = specsOf(faults).some(({ strikes }) => strikes === 'dockerd' || strikes === 'containerd');
  if (!struck || topology.runtime !== 'docker') return parts;
  const problem = engineProblem();
  if (problem !== undefined) {
    say(problem);
    return parts;
  }
  // Beside the home: what is mounted for containers would keep that from being removed while the engine runs.
  const folder = `${home.home.folder}-engine`;
  const group = `troupe-chaos-${process.pid}-engine`;
  const flags = ['--bridge', 'none', '--iptables=false', '--ip6tables=false', '--live-restore'];
  parts.engine = new KeptEngine({ name: 'the nodes', folder, group, flags, timers });
  parts.engine.begin();
  await parts.engine.answers();
  const file = join(folder, 'image.tar');
  saveImage(image, file);
  await parts.engine.load(file);
  rmSync(file);
  return parts;
}

interface Giving {
  readonly env: NodeJS.ProcessEnv | undefined;
  readonly say: (text: string) => void;
}

async function giveDisks(
  home: TroupeHome,
  parts: Parts,
  { again, env, say }: Giving & { readonly again: readonly string[] },
): Promise<void> {
  const problem = MemberDisks.problem();
  if (problem !== undefined) {
    say(problem);
    return;
  }
  await must(home, ['down'], { env });
  parts.disks = MemberDisks.create(home);
  await must(home, again, { env });
}

async function giveGroups(home: TroupeHome, parts: Parts, { env, say }: Giving): Promise<void> {
  const problem = MemberGroups.problem();
  if (problem !== undefined) {
    say(problem);
    return;
  }
  const groups = MemberGroups.create(home.members());
  parts.groups = groups;
  for (const name of home.members()) {
    await must(home, ['member', 'restart', name], { group: groups.folderOf(name), env, at: home.homeOf(name) });
  }
}

async function must(
  home: TroupeHome,
  args: readonly string[],
  how: Parameters<TroupeHome['troupe']>[1],
): Promise<void> {
  const { status, stderr } = await home.troupe(args, how);
  if (status !== 0) throw new Error(`troupe ${args.join(' ')} failed: ${stderr.trim()}`);
}

function configOf({ runtime }: Topology, [http, https]: readonly [number, number], dockerSocket?: string): Config {
  return { network, ingress: { httpPort: http, httpsPort: https }, node: { runtime, dockerSocket } };
}

async function factsOf(api: ApiClient, home: TroupeHome, { members, nodes, runtime }: Topology): Promise<TargetFacts> {
  const { gitVersion } = await api.must<{ gitVersion: string }>({ path: '/version' });
  return { name: home.home.folder, orchestrator: 'troupe', version: gitVersion, members, nodes, runtime };
}

/** Of processes, members and nodes. */
export async function complaintsOf(
  api: ApiClient,
  home: TroupeHome,
  { members, nodes }: Pick<Topology, 'members' | 'nodes'>,
): Promise<readonly string[]> {
  const there = home.members().length;
  const [own, found] = await Promise.all([
    home.complaints(api),
    nodesOf(api).then(
      (all) => complaintsOfNodes(all, nodes),
      (error: unknown) => [error instanceof Error ? error.message : String(error)],
    ),
  ]);
  const missing = there < members ? [`there are ${there} members, not ${members}`] : [];
  return [...missing, ...own, ...found];
}
