import { timeText } from '../api/index.ts';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  caHashOf,
  defaultsFile,
  type Home,
  joinGroups,
  keepSettings,
  loadSettings,
  makeHome,
  removedNodes,
  runNode,
} from '../main/index.ts';
import { askApi, getJson } from './api-call.ts';
import { addJoin } from './join-command.ts';
import { Problem } from './problem.ts';
import type { HomeFlags, Shell } from './shell.ts';
import { up } from './up.ts';

/** Commands of clusters that span several machines. */
export function addMachines(program: Command, shell: Shell): void {
  addInit(program, shell);
  addJoin(program, shell);
  addToken(program, shell);
  addNode(program, shell);
}

function addInit(program: Command, { command, homeOf, whole, out, say }: Shell): void {
  command(program, 'init', 'Starts the first member of a cluster that other machines join.')
    .requiredOption('--address <address>', 'the address of this machine by which the others reach it')
    .option('--api-port <port>', 'port of the API', whole)
    .option(
      '--nodes <count>',
      'separate node processes; without it the member runs one node itself, 0 is a control plane only',
      whole,
    )
    .addHelpText(
      'after',
      '\nExamples:\n  troupe init --address 192.0.2.10\n  troupe init --address 192.0.2.10 --nodes 0',
    )
    .action(async (flags: HomeFlags & { address: string; apiPort?: number; nodes?: number }) => {
      const home = homeOf(flags);
      const settings = loadSettings(defaultsFile(), home.configFile, {
        cluster: flags.cluster,
        apiPort: flags.apiPort,
        address: flags.address,
      });
      makeHome(home);
      // So that `troupe up` starts the same cluster again.
      keepSettings(home, { address: flags.address, cluster: flags.cluster, apiPort: flags.apiPort });
      const member = await up({ home, settings, members: 1, nodes: flags.nodes, say });
      out(
        `The API is ready at ${member.url ?? ''}\nkubeconfig: ${home.kubeconfig}\nOther machines join with what \`troupe token create\` prints.`,
      );
    });
}

interface TokenSecret {
  readonly metadata: { readonly name: string };
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

const secretsPath = '/api/v1/namespaces/kube-system/secrets';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const random = (length: number): string =>
  Array.from({ length }, () => 'abcdefghijklmnopqrstuvwxyz0123456789'[randomInt(36)]).join('');

function addToken(program: Command, { command, homeOf, settingsOf, servingUrl, out }: Shell): void {
  const token = program.command('token').description('Tokens by which machines join the cluster.');
  command(token, 'create', 'Makes a token and prints the command that joins with it.')
    .addOption(
      new Option(
        '--role <role>',
        "what a machine becomes with it: a node that runs pods, or a member that holds the cluster's keys",
      )
        .choices(['node', 'member'])
        .default('node'),
    )
    .option('--ttl <time>', 'how long it holds (30m, 24h, 7d)', duration, duration('24h'))
    .addHelpText('after', '\nExamples:\n  troupe token create\n  troupe token create --role member --ttl 30m')
    .action(async (flags: HomeFlags & { ttl: number; role: 'node' | 'member' }) => {
      const home = homeOf(flags);
      const url = await servingUrl(home);
      if (settingsOf(home).address === '')
        throw new Problem(
          'this cluster is of one machine: no other reaches it; start it with `troupe init --address ADDRESS` to let others join',
        );
      const [id, secret] = [random(6), random(16)];
      const data = {
        'token-id': id,
        'token-secret': secret,
        expiration: timeText(Date.now() + flags.ttl),
        'usage-bootstrap-authentication': 'true',
        'auth-extra-groups': joinGroups[flags.role],
        description: `lets a machine join as a ${flags.role}`,
      };
      const body = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
        type: 'bootstrap.kubernetes.io/token',
        data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
      };
      const answer = await askApi(home, url, secretsPath, { method: 'POST', body });
      if (answer.status !== 201)
        throw new Problem(`the token could not be made (status ${answer.status}): ${answer.body.slice(0, 300)}`);
      out(
        `troupe join ${new URL(url).host}${flags.role === 'member' ? ' --role member' : ''} --token ${id}.${secret} --ca-hash ${caHashOf(readFileSync(join(home.pki, 'ca.crt'), 'utf8'))}`,
      );
    });
  command(token, 'list', 'Shows the tokens, without their secret part.').action(async (flags: HomeFlags) => {
    const home = homeOf(flags);
    const { items } = await getJson<{ items: readonly TokenSecret[] }>(
      home,
      await servingUrl(home),
      `${secretsPath}?fieldSelector=${encodeURIComponent('type=bootstrap.kubernetes.io/token')}`,
    );
    const table = new Table({ head: ['token', 'expires', 'groups', 'description'], style: { head: [], border: [] } });
    const text = (secret: TokenSecret, key: string): string =>
      Buffer.from(secret.data?.[key] ?? '', 'base64').toString();
    for (const secret of items)
      table.push([
        text(secret, 'token-id'),
        text(secret, 'expiration') || 'never',
        text(secret, 'auth-extra-groups'),
        text(secret, 'description'),
      ]);
    out(table.toString());
  });
  command(token, 'delete', 'Deletes a token: nobody joins with it any more.')
    .argument('<id>', 'the six characters before the dot')
    .action(async (given: string, flags: HomeFlags) => {
      const home = homeOf(flags);
      const id = given.split('.')[0] ?? '';
      const answer = await askApi(
        home,
        await servingUrl(home),
        `${secretsPath}/bootstrap-token-${encodeURIComponent(id)}`,
        { method: 'DELETE' },
      );
      if (answer.status === 404) throw new Problem(`there is no token ${id}; \`troupe token list\` shows them`);
      if (answer.status !== 200)
        throw new Problem(`token ${id} could not be deleted (status ${answer.status}): ${answer.body.slice(0, 300)}`);
      out(`Deleted token ${id}.`);
    });
}

/** Milliseconds of `30m`, `24h`, `7d`. */
function duration(text: string): number {
  const [, count, unit = ''] = /^(\d+)(s|m|h|d)$/.exec(text) ?? [];
  const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  const ms = Number(count) * (units[unit] ?? NaN);
  if (!(ms > 0)) throw new InvalidArgumentError('a time such as 30m, 24h or 7d is wanted.');
  return ms;
}

function addNode(program: Command, { command, homeOf, settingsOf, servingUrl, out }: Shell): void {
  // Without a subcommand it is what a keeper starts: a node's process.
  const node = program
    .command('node')
    .description('The machines that run pods.')
    .usage('<command>')
    .addOption(new Option('--home <folder>').hideHelp())
    .addOption(new Option('--name <name>').hideHelp())
    .action(async ({ home: folder, name }: { home?: string; name?: string }) => {
      if (folder === undefined || name === undefined) throw new Problem('say what to do: `troupe node remove NAME`');
      const home = homeOf({ home: folder });
      await runNode({ home, settings: settingsOf(home), name });
    });
  command(node, 'remove', 'Takes a node out of the cluster; its credentials are refused from now on.')
    .argument('<name>')
    .addHelpText(
      'after',
      '\nExample:\n  kubectl drain worker-2 --ignore-daemonsets && troupe node remove worker-2\nThen, on the machine itself: troupe down --purge',
    )
    .action(async (name: string, flags: HomeFlags) => {
      const home = homeOf(flags);
      await removeNode(home, await servingUrl(home), name);
      out(`Removed node ${name}. On the machine itself, \`troupe down --purge\` ends its agent and its pods.`);
    });
}

async function removeNode(home: Home, url: string, name: string): Promise<void> {
  const path = `/api/v1/nodes/${encodeURIComponent(name)}`;
  if ((await askApi(home, url, path)).status === 404)
    throw new Problem(`there is no node ${name}; \`kubectl get nodes\` shows them`);
  const { namespace } = removedNodes;
  const maps = `/api/v1/namespaces/${namespace}/configmaps`;
  const data = { [name]: new Date().toISOString() };
  // First its credentials, so that its agent cannot register it again.
  const patched = await askApi(home, url, `${maps}/${removedNodes.name}`, { method: 'PATCH', body: { data } });
  const noted =
    patched.status === 404
      ? await askApi(home, url, maps, {
          method: 'POST',
          body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: removedNodes, data },
        })
      : patched;
  const deleted = noted.status < 300 ? await askApi(home, url, path, { method: 'DELETE' }) : noted;
  if (deleted.status !== 200 && deleted.status !== 404)
    throw new Problem(`node ${name} could not be removed (status ${deleted.status}): ${deleted.body.slice(0, 300)}`);
}
