import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ensureHomePki } from '../keys/index.ts';
import { defaultsFile, type Home, homeAt, keepNatsEndpoint, loadSettings, makeHome } from '../process/index.ts';
import { type FreshSecrets, makeFresh, rotationParts } from './fresh-secrets.ts';
import { acceptedAdminTokens, homeRotation, takeSteps } from './home-rotation.ts';
import { takeMissedStep } from './missed-step.ts';

const id = 'r1';
const text = (home: Home, name: string): string => readFileSync(join(home.pki, name), 'utf8');
const newFolder = (): string => mkdtempSync(join(tmpdir(), 'troupe-missed-'));

async function newHome(): Promise<Home> {
  const home = homeAt(newFolder());
  makeHome(home);
  await ensureHomePki(home, loadSettings(defaultsFile(), home.configFile));
  keepNatsEndpoint(home, { host: '127.0.0.1', port: 4222, token: 'old-token' });
  return home;
}

interface Others {
  /** The home that missed a step, and that of the member which did not. */
  readonly home: Home;
  readonly other: Home;
  readonly fresh: FreshSecrets;
}

/** Two homes of one cluster: both believe the new secrets, and the other one has gone on. */
async function twoHomes(): Promise<Others> {
  const home = await newHome();
  const fresh = await makeFresh(rotationParts, { cluster: 'test', now: Date.now(), id });
  takeSteps(home, { id, step: 'trust', fresh });
  const folder = newFolder();
  cpSync(dirname(home.pki), folder, { recursive: true });
  const other = homeAt(folder);
  takeSteps(other, { id, step: 'renew', fresh });
  await ensureHomePki(other, loadSettings(defaultsFile(), home.configFile));
  return { home, other, fresh };
}

/** The API of a member with the certificate of a home; it knows the tokens that the other home accepts. */
async function serve(t: ExecutionContext, certified: Home, { other }: Others, said: object): Promise<number> {
  const server = createServer(
    { cert: text(certified, 'server.crt'), key: text(certified, 'server.key') },
    ({ url, headers }, answer) => {
      const known = acceptedAdminTokens(other).some((token) => headers.authorization === `Bearer ${token}`);
      answer.statusCode = url !== '/troupe/api/members/rotation' ? 404 : known ? 200 : 401;
      answer.end(JSON.stringify(known ? said : {}));
    },
  );
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const ports = { host: '127.0.0.1', natsPort: 1, routePort: 1 };
const placeAt = (apiPort: number): Parameters<typeof takeMissedStep>[1] => ({
  name: 'one',
  plan: [
    { ...ports, name: 'one', apiPort: 1 },
    { ...ports, name: 'two', apiPort },
  ],
});

for (const step of ['renew', 'drop', 'done'])
  test(`a member that was away takes the step that another one has taken: ${step}`, async (t) => {
    const homes = await twoHomes();
    const { home, fresh } = homes;
    t.true(await takeMissedStep(home, placeAt(await serve(t, homes.other, homes, { id, step }))));
    t.is(homeRotation(home)?.step, 'renew');
    t.is(text(home, 'ca.key'), fresh.authority?.ca.key ?? '');
    t.deepEqual(JSON.parse(text(home, 'nats.json')), fresh.nats);
    t.false(await takeMissedStep(home, placeAt(1)), 'once');
  });

for (const [what, said] of [
  ['another rotation', { id: 'r0', step: 'renew' }],
  ['no later step', { id, step: 'trust' }],
  ['nothing', {}],
] as const)
  test(`a member takes no step when the others tell of ${what}`, async (t) => {
    const homes = await twoHomes();
    t.false(await takeMissedStep(homes.home, placeAt(await serve(t, homes.other, homes, said))));
    t.is(homeRotation(homes.home)?.step, 'trust');
  });

test('a member takes no step on the word of a stranger, of nobody, or without a rotation', async (t) => {
  const homes = await twoHomes();
  const stranger = await newHome();
  t.false(await takeMissedStep(homes.home, placeAt(await serve(t, stranger, homes, { id, step: 'renew' }))));
  t.false(await takeMissedStep(homes.home, placeAt(1)));
  t.is(homeRotation(homes.home)?.step, 'trust');
  t.false(await takeMissedStep(stranger, placeAt(await serve(t, homes.other, homes, { id, step: 'renew' }))));
});
