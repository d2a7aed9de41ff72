/** `troupe token`: the bootstrap tokens by which machines join the cluster. */
import { timeText } from '../api/index.ts';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { caHashOf, type Home, joinGroups } from '../main/index.ts';
import { askApi, failedCall, getJson } from './api-call.ts';
import { Problem } from './problem.ts';
import { examples, type HomeFlags, type Shell } from './shell.ts';

type JoinRole = 'node' | 'member';

/** A Secret of the type bootstrap.kubernetes.io/token, as far as it is read here. */
interface TokenSecret {
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
}

interface CreateFlags extends HomeFlags {
  /** Milliseconds. */
  readonly ttl: number;
  readonly role: JoinRole;
}

const secretsPath = '/api/v1/namespaces/kube-system/secrets';

export function addToken(program: Command, shell: Shell): void {
  const token = program.command('token').description('Manages the tokens that let machines join the cluster.');
  addCreate(token, shell);
  addList(token, shell);
  addDelete(token, shell);
}

function addCreate(token: Command, shell: Shell): void {
  const role = new Option('--role <role>', "what it lets a machine become; a member holds the cluster's keys");
  const ttl = new Option('--ttl <duration>', 'how long it is valid (30m, 24h, 7d)');
  shell
    .command(token, 'create', 'Creates a token and prints the command that joins with it.')
    .addOption(role.choices(['node', 'member']).default('node'))
    .addOption(ttl.argParser(duration).default(duration('24h'), '24h'))
    .addHelpText('after', examples('troupe token create', 'troupe token create --role member --ttl 30m'))
    .action(async (flags: CreateFlags) => {
      const home = shell.homeOf(flags);
      const url = await shell.servingUrl(home);
      if (shell.settingsOf(home).address === '')
        throw new Problem(
          'no other machine can reach this cluster; ' +
            'start it with `troupe init --address ADDRESS` to let others join',
        );
      shell.out(joinCommand(home, url, { role: flags.role, token: await createToken(home, url, flags) }));
    });
}

function joinCommand(
  home: Home,
  url: string,
  { role, token }: { readonly role: JoinRole; readonly token: string },
): string {
  const hash = caHashOf(readFileSync(join(home.pki, 'ca.crt'), 'utf8'));
  const roleFlag = role === 'member' ? ' --role member' : '';
  return `troupe join ${new URL(url).host}${roleFlag} --token ${token} --ca-hash ${hash}`;
}

/** The new token, `<id>.<secret>`. */
async function createToken(home: Home, url: string, { role, ttl }: CreateFlags): Promise<string> {
  const [id, secret] = [random(6), random(16)];
  const data = {
    'token-id': id,
    'token-secret': secret,
    expiration: timeText(Date.now() + ttl),
    'usage-bootstrap-authentication': 'true',
    'auth-extra-groups': joinGroups[role],
    description: `lets a machine join as a ${role}`,
  };
  const body = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
  };
  const answer = await askApi(home, url, secretsPath, { method: 'POST', body });
  if (answer.status !== 201) throw failedCall('cannot create the token', answer);
  return `${id}.${secret}`;
}

function addList(token: Command, shell: Shell): void {
  shell.command(token, 'list', 'Lists the tokens, without their secrets.').action(async (flags: HomeFlags) => {
    const home = shell.homeOf(flags);
    const path = `${secretsPath}?fieldSelector=${encodeURIComponent('type=bootstrap.kubernetes.io/token')}`;
    const { items } = await getJson<{ items: readonly TokenSecret[] }>(home, await shell.servingUrl(home), path);
    shell.out(tokenTable(items));
  });
}

function tokenTable(secrets: readonly TokenSecret[]): string {
  const table = new Table({ head: ['token', 'expires', 'groups', 'description'], style: { head: [], border: [] } });
  for (const { data } of secrets) {
    const text = (key: string): string => Buffer.from(data?.[key] ?? '', 'base64').toString();
    table.push([text('token-id'), text('expiration') || 'never', text('auth-extra-groups'), text('description')]);
  }
  return table.toString();
}

function addDelete(token: Command, shell: Shell): void {
  shell
    .command(token, 'delete', 'Deletes a token; no machine can join with it any more.')
    .argument('<id>', 'the six characters before the dot')
    .action(async (given: string, flags: HomeFlags) => {
      const home = shell.homeOf(flags);
      const id = given.split('.')[0] ?? '';
      const path = `${secretsPath}/bootstrap-token-${encodeURIComponent(id)}`;
      const answer = await askApi(home, await shell.servingUrl(home), path, { method: 'DELETE' });
      if (answer.status === 404) throw new Problem(`there is no token ${id}; \`troupe token list\` shows them`);
      if (answer.status !== 200) throw failedCall(`cannot delete token ${id}`, answer);
      shell.out(`Deleted token ${id}.`);
    });
}

/** Milliseconds of `30m`, `24h`, `7d`. */
function duration(text: string): number {
  const [, count, unit = ''] = /^(\d+)(s|m|h|d)$/.exec(text) ?? [];
  const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  const ms = Number(count) * (units[unit] ?? NaN);
  if (!(ms > 0)) throw new InvalidArgumentError('expected a duration such as 30m, 24h or 7d.');
  return ms;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function random(length: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
}
