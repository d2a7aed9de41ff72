import { existsSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import {
  defaultsFile,
  type Home,
  isJoining,
  joinMember,
  joinNode,
  JoinProblem,
  loadSettings,
  nodeNameOf,
  ownMember,
  parseCaHash,
  parseEndpoint,
  parseToken,
  type ProcessNote,
  type RuntimeName,
  runtimeNames,
  runtimeSettings,
  type RuntimeSettings,
  savedSettings,
  type Settings,
} from '../main/index.ts';
import { askApi } from './api-call.ts';
import { requireMachine } from './doctor.ts';
import { keeperPid, startKeptNode } from './keeper.ts';
import { Problem } from './problem.ts';
import type { HomeFlags, Shell } from './shell.ts';
import { up, untilServing } from './up.ts';

interface JoinFlags extends HomeFlags, Partial<RuntimeSettings> {
  readonly role: 'node' | 'member';
  readonly token: string;
  readonly caHash: string;
  readonly name?: string;
  readonly address?: string;
  readonly apiPort?: number;
  readonly nodes?: number;
  readonly runtime?: RuntimeName;
}

type NamedFlags = JoinFlags & { readonly name: string };

/** How the cluster is reached, and what proves it and this machine. */
interface Way {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly caHash: string;
}

export function addJoin(program: Command, { command, homeOf, whole, out, say }: Shell): void {
  const joining = command(program, 'join', 'Makes this machine a node or a member of a cluster.')
    .argument('<member>', "HOST:PORT of a member's API")
    .requiredOption('--token <token>', 'what `troupe token create` printed')
    .requiredOption('--ca-hash <hash>', "the hash of the cluster's authority, printed there too")
    .addOption(new Option('--role <role>', 'what this machine becomes').choices(['node', 'member']).default('node'))
    .option('--name <name>', "its name in the cluster (default: this machine's)")
    .option(
      '--address <address>',
      'the address of this machine by which others reach it (default: the one that it reaches the member from)',
    )
    .option('--api-port <port>', 'of a member: port of its API', whole)
    .option(
      '--nodes <count>',
      'of a member: separate node processes; without it the member runs one node itself, 0 is a control plane only',
      whole,
    );
  for (const { flag, description } of runtimeSettings) joining.option(flag, description);
  joining
    .addOption(new Option('--runtime <runtime>', 'what runs containers').choices(runtimeNames))
    .addHelpText(
      'after',
      '\nExamples:\n  troupe join 192.0.2.10:6443 --token abcdef.0123456789abcdef --ca-hash sha256:…\n  troupe join 192.0.2.10:6443 --role member --token abcdef.0123456789abcdef --ca-hash sha256:…',
    )
    .action(async (member: string, flags: JoinFlags) => {
      const home = homeOf(flags);
      const named: NamedFlags = { ...flags, name: flags.name ?? nodeNameOf(hostname()) };
      try {
        const way: Way = {
          ...parseEndpoint(member),
          token: parseToken(flags.token),
          caHash: parseCaHash(flags.caHash),
        };
        if (flags.role === 'node') {
          await asNode(home, way, named);
          out(`Node ${named.name} is in the cluster and ready.`);
        } else {
          const { name, url } = await asMember(home, way, { ...named, say });
          out(`Member ${name} is in the cluster and votes. Its API is at ${url ?? ''}\nkubeconfig: ${home.kubeconfig}`);
        }
      } catch (error) {
        throw error instanceof JoinProblem ? new Problem(error.message) : error;
      }
    });
}

function ownSettings(home: Home, flags: JoinFlags): Settings {
  const ofRuntimes = Object.fromEntries(runtimeSettings.map(({ key }) => [key, flags[key]]));
  const node = { runtime: flags.runtime, ...ofRuntimes };
  return loadSettings(defaultsFile(), home.configFile, { address: flags.address, apiPort: flags.apiPort, node });
}

/** Refuses a home whose processes were started already, or could be. What an interrupted join left is none. */
function checkHome(home: Home): void {
  const taken = savedSettings(home) !== undefined || (existsSync(home.data) && readdirSync(home.data).length > 0);
  if (taken)
    throw new Problem(
      `${home.folder} belongs to a cluster already; remove that (\`troupe down --purge\`) or choose another --home`,
    );
}

async function asNode(home: Home, way: Way, flags: NamedFlags): Promise<void> {
  checkHome(home);
  const own = ownSettings(home, flags);
  // A node has no NATS server of its own.
  await requireMachine(own, [own.nats.program]);
  await joinNode({ home, settings: own, ...way, name: flags.name });
  startKeptNode(home, flags.name);
  await untilReady(home, { url: `https://${way.host}:${way.port}`, name: flags.name });
}

/** Joins, or goes on with a join of this home that was interrupted after the cluster had taken it in. */
async function asMember(
  home: Home,
  way: Way,
  flags: NamedFlags & { readonly say: (text: string) => void },
): Promise<ProcessNote> {
  const begun = isJoining(home) ? savedSettings(home) : undefined;
  if (begun === undefined) checkHome(home);
  const own = ownSettings(home, flags);
  await requireMachine(own);
  const settings =
    begun ??
    (await joinMember({
      home,
      settings: own,
      ...way,
      name: flags.name,
      ...(flags.nodes === undefined ? { node: nodeNameOf(hostname()) } : {}),
    }));
  const name = ownMember(home);
  const late = `member ${name} was taken in but does not hear the others: they must reach each other at the ports ${settings.nats.routePort} and ${settings.linkPort} (TCP). It goes on trying; see ${join(home.logs, `${name}.log`)}`;
  const note =
    keeperPid(home, name) === undefined
      ? await up({ home, settings, nodes: flags.nodes, say: flags.say, late })
      : await untilServing(home, name, late);
  for (const end = performance.now() + readyMs; isJoining(home);) {
    if (performance.now() > end)
      throw new Problem(
        `member ${name} follows the others but got no vote within ${readyMs / 1000} s; it goes on trying: see \`troupe member list\` and ${join(home.logs, `${name}.log`)}`,
      );
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  return note;
}

const readyMs = 60_000;

async function untilReady(home: Home, node: { readonly url: string; readonly name: string }): Promise<void> {
  const end = performance.now() + readyMs;
  while (performance.now() < end) {
    if (await nodeIsReady(home, node)) return;
    if (performance.now() > end - readyMs + 5_000 && keeperPid(home, node.name) === undefined) break;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  throw new Problem(
    `node ${node.name} has joined but is not ready; see ${join(home.logs, `${node.name}.log`)} and ${join(home.logs, `${node.name}.out`)}`,
  );
}

async function nodeIsReady(
  home: Home,
  { url, name }: { readonly url: string; readonly name: string },
): Promise<boolean> {
  const answer = await askApi(home, url, `/api/v1/nodes/${encodeURIComponent(name)}`, { as: 'node' }).catch(
    () => undefined,
  );
  if (answer?.status !== 200) return false;
  const { status } = JSON.parse(answer.body) as {
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  };
  return status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}
