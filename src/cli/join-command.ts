/** `troupe join`: makes this machine a node or a member of a cluster. */
import { joinHostPort } from '../base/index.ts';
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
import { givenToken, type TokenFlags } from './join-token.ts';
import { hardenedOption, keepHardened } from './hardened-profile.ts';
import { Problem } from './problem.ts';
import { examples, type HomeFlags, nodesOption, type Shell } from './shell.ts';
import { up, untilServing } from './up.ts';

interface JoinFlags extends HomeFlags, TokenFlags, Partial<RuntimeSettings> {
  readonly role: 'node' | 'member' | 'replica';
  readonly caHash: string;
  readonly hardened?: boolean;
  readonly name?: string;
  readonly address?: string;
  readonly apiPort?: number;
  readonly nodes?: number;
  readonly runtime?: RuntimeName;
}

type NamedFlags = JoinFlags & { readonly name: string };

/** A member's API, and what proves the cluster and this machine to each other. */
interface JoinTarget {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly caHash: string;
}

export function addJoin(program: Command, { command, homeOf, whole, out, say }: Shell): void {
  const joining = command(program, 'join', 'Makes this machine a node, a member or a replica of a cluster.')
    .argument('<member>', "HOST:PORT of a member's API")
    .option('--token-file <file>', 'file with the token that `troupe token create` printed; - is standard input')
    .option('--token <token>', 'the token itself; other users of this machine see it meanwhile')
    .requiredOption('--ca-hash <hash>', "the hash of the cluster's certificate authority, printed with it")
    .addOption(
      new Option('--role <role>', 'what this machine becomes; a replica answers requests and has no vote')
        .choices(['node', 'member', 'replica'])
        .default('node'),
    )
    .option('--name <name>', "its name in the cluster (default: this machine's)")
    .option(
      '--address <address>',
      'address other machines use to reach this one (default: the address it reaches the member from)',
    )
    .option('--api-port <port>', 'of a member: port of its API', whole)
    .option(hardenedOption.flag, hardenedOption.description)
    .option(nodesOption.flag, `of a member: ${nodesOption.description}`, whole);
  for (const { flag, description } of runtimeSettings) joining.option(flag, description);
  joining
    .addOption(new Option('--runtime <runtime>', 'what runs containers').choices(runtimeNames))
    .addHelpText(
      'after',
      examples(
        'troupe join 192.0.2.10:6443 --token-file token --ca-hash sha256:…',
        'troupe join 192.0.2.10:6443 --role member --token abcdef.0123456789abcdef --ca-hash sha256:…',
        'troupe join 192.0.2.10:6443 --role replica --nodes 0 --token-file token --ca-hash sha256:…',
      ),
    )
    .action(async (member: string, flags: JoinFlags) => {
      try {
        out(await joinCluster(member, flags, { home: homeOf(flags), say }));
      } catch (error) {
        throw error instanceof JoinProblem ? new Problem(error.message) : error;
      }
    });
}

/** Resolves with what this machine is now. */
async function joinCluster(
  member: string,
  flags: JoinFlags,
  { home, say }: Pick<Shell, 'say'> & { readonly home: Home },
): Promise<string> {
  const named: NamedFlags = { ...flags, name: flags.name ?? nodeNameOf(hostname()) };
  const target: JoinTarget = {
    ...parseEndpoint(member),
    token: parseToken(givenToken(flags)),
    caHash: parseCaHash(flags.caHash),
  };
  if (flags.hardened === true) {
    checkHome(home);
    keepHardened(home);
  }
  if (flags.role === 'node') {
    await asNode(home, target, named);
    return `Node ${named.name} has joined the cluster and is ready.`;
  }
  const { name, url } = await asMember(home, target, { ...named, say });
  const what = flags.role === 'replica' ? 'Replica' : 'Member';
  return `${what} ${name} has joined the cluster. Its API is ready at ${url ?? ''}\nkubeconfig: ${home.kubeconfig}`;
}

function ownSettings(home: Home, flags: JoinFlags): Settings {
  const ofRuntimes = Object.fromEntries(runtimeSettings.map(({ key }) => [key, flags[key]]));
  const node = { runtime: flags.runtime, ...ofRuntimes };
  return loadSettings(defaultsFile(), home.configFile, { address: flags.address, apiPort: flags.apiPort, node });
}

/** Refuses a home that belongs to a cluster. One that an interrupted join left does not. */
function checkHome(home: Home): void {
  const taken = savedSettings(home) !== undefined || (existsSync(home.data) && readdirSync(home.data).length > 0);
  if (taken)
    throw new Problem(
      `${home.folder} already belongs to a cluster; remove it (\`troupe down --purge\`) or choose another --home`,
    );
}

async function asNode(home: Home, target: JoinTarget, flags: NamedFlags): Promise<void> {
  checkHome(home);
  const own = ownSettings(home, flags);
  // A node has no NATS server of its own.
  await requireMachine(own, [own.nats.program]);
  await joinNode({ home, settings: own, ...target, name: flags.name });
  startKeptNode(home, flags.name);
  await untilReady(home, { url: `https://${joinHostPort(target.host, target.port)}`, name: flags.name });
}

/** Joins, or continues a join that was interrupted after the cluster had admitted this member. */
async function asMember(
  home: Home,
  target: JoinTarget,
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
      ...target,
      name: flags.name,
      role: flags.role === 'replica' ? 'replica' : undefined,
      node: flags.nodes === undefined ? nodeNameOf(hostname()) : undefined,
    }));
  const name = ownMember(home);
  const log = join(home.logs, `${name}.log`);
  const late =
    `member ${name} was admitted but does not hear the others: ` +
    `members must reach each other at the TCP ports ${settings.nats.routePort} and ${settings.linkPort}. ` +
    `It keeps trying; see ${log}`;
  const note =
    keeperPid(home, name) === undefined
      ? await up({ home, settings, nodes: flags.nodes, say: flags.say, late })
      : await untilServing(home, name, late);
  for (const end = performance.now() + readyMs; isJoining(home);) {
    if (performance.now() > end)
      throw new Problem(
        `member ${name} follows the others but got no vote within ${readyMs / 1000} s; ` +
          `it keeps trying: see \`troupe member list\` and ${log}`,
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
  const [log, output] = [join(home.logs, `${node.name}.log`), join(home.logs, `${node.name}.out`)];
  throw new Problem(`node ${node.name} has joined but is not ready; see ${log} and ${output}`);
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
