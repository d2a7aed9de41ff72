/** A cluster that is made for the run on this machine, and removed after it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Timers } from '../../base/index.ts';
import { homeAt } from '../../main/index.ts';
import { ApiClient } from '../clients/api-client.ts';
import { faultNames, type FaultName } from '../scenario/fault-table.ts';
import type { FaultPlan, FaultSpec, Topology } from '../scenario/scenario.ts';
import { engineProblem, KeptEngine, saveImage } from './kept-engine.ts';
import { MemberClocks } from './member-clocks.ts';
import { MemberDisks } from './member-disks.ts';
import { MemberGroups } from './member-groups.ts';
import { complaintsOfNodes, nodesOf } from './nodes.ts';
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
const networkFaults: readonly FaultName[] = ['cut', 'cut-in', 'cut-out', 'loss'];

const specsOf = (plans: readonly FaultPlan[]): readonly FaultSpec[] =>
  plans.flatMap((plan) => (plan.type === 'fixed' ? [plan.spec] : plan.among));

/** The faults that a schedule can have. */
function namesOf(plans: readonly FaultPlan[]): ReadonlySet<FaultName> {
  const specs = specsOf(plans);
  return new Set(faultNames.filter((name) => specs.some(({ fault }) => fault === name)));
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}

/** What was prepared for faults, and has to be taken away again. */
interface Parts {
  groups?: MemberGroups;
  disks?: MemberDisks;
  clocks?: MemberClocks;
  engine?: KeptEngine;
}

/** Starts it and waits until it is ready; what was begun is removed when that fails. */
export async function ownCluster(options: OwnClusterOptions): Promise<Target> {
  const { command, topology } = options;
  const folder = mkdtempSync(join(tmpdir(), 'troupe-chaos-'));
  const home = new TroupeHome(homeAt(folder), command);
  const parts: Parts = {};
  const close = async (): Promise<void> => {
    await home.troupe(['down', '--purge']);
    parts.disks?.destroy();
    parts.groups?.destroy();
    await parts.engine?.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const ingressPort = await start(home, parts, options);
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
      complaints: () => complaintsOf(api, home, topology.nodes),
      close: async () => {
        api.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Answers the port of Ingresses. */
async function start(home: TroupeHome, parts: Parts, options: OwnClusterOptions): Promise<number> {
  const { topology, faults, say } = options;
  const { folder } = home.home;
  const [apiPort, ingressPort, ingressTlsPort] = [await freePort(), await freePort(), await freePort()];
  const { engine } = await giveEngine(home, parts, options);
  writeFileSync(home.home.configFile, configOf([ingressPort, ingressTlsPort], engine?.socket));
  const names = namesOf(faults);
  if (names.has('clock-jump')) parts.clocks = new MemberClocks(folder);
  const env = parts.clocks?.environment;
  const { members, nodes, runtime } = topology;
  const name = `chaos-${process.pid}`;
  const flags = ['--cluster', name, '--api-port', String(apiPort), '--runtime', runtime, '--nodes', String(nodes)];
  say(
    `starting a cluster of ${members} member${members === 1 ? '' : 's'} and ${nodes} nodes (${runtime}) in ${folder}`,
  );
  await must(home, ['up', ...flags, '--members', String(members)], env);
  if (topology.disks === 'small') await giveDisks(home, parts, { again: ['up', ...flags], env, say });
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
  const folder = join(home.home.folder, 'chaos-engine');
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
  await must(home, ['down'], env);
  parts.disks = MemberDisks.create(home);
  await must(home, again, env);
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
    const { status, stderr } = await home.troupe(['member', 'restart', name], { group: groups.folderOf(name), env });
    if (status !== 0) throw new Error(`${name} could not be restarted in a group of its own: ${stderr.trim()}`);
  }
}

async function must(home: TroupeHome, args: readonly string[], env: NodeJS.ProcessEnv | undefined): Promise<void> {
  const { status, stderr } = await home.troupe(args, { env });
  if (status !== 0) throw new Error(`troupe ${args[0] ?? ''} failed: ${stderr.trim()}`);
}

function configOf([http, https]: readonly [number, number], dockerSocket: string | undefined): string {
  return [
    'network:',
    ...Object.entries(network).map(([name, value]) => `  ${name}: ${value}`),
    'ingress:',
    `  httpPort: ${http}`,
    `  httpsPort: ${https}`,
    ...(dockerSocket === undefined ? [] : ['node:', `  dockerSocket: ${dockerSocket}`]),
    '',
  ].join('\n');
}

async function factsOf(api: ApiClient, home: TroupeHome, { members, nodes, runtime }: Topology): Promise<TargetFacts> {
  const { gitVersion } = await api.must<{ gitVersion: string }>({ path: '/version' });
  return { name: home.home.folder, orchestrator: 'troupe', version: gitVersion, members, nodes, runtime };
}

/** Of processes, members and nodes. */
export async function complaintsOf(api: ApiClient, home: TroupeHome, nodes: number): Promise<readonly string[]> {
  const [own, found] = await Promise.all([
    home.complaints(api),
    nodesOf(api).then(
      (all) => complaintsOfNodes(all, nodes),
      (error: unknown) => [error instanceof Error ? error.message : String(error)],
    ),
  ]);
  return [...own, ...found];
}
