import { createPublicKey } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { seededRandom, silentLogger, silentMetrics } from '../../base/index.ts';
import { SimulatedDisk, SimulatedTime } from '../../platform/index.ts';
import { putMemberRecord } from '../../shards/index.ts';
import { openStore, type StoreMember } from '../../state/index.ts';
import { ensureHomePki, signingKeyStatus } from '../keys/index.ts';
import { defaultsFile, type Home, homeAt, keepNatsEndpoint, loadSettings, makeHome } from '../process/index.ts';
import { type NodeStanding, rotationConductor, type RotationConductor } from './conductor.ts';
import { followRotation, type RotationUse } from './follower.ts';
import { makeFresh, rotationParts } from './fresh-secrets.ts';
import { acceptedAdminTokens, takeSteps } from './home-rotation.ts';
import { seal, unseal } from './sealing.ts';

const now = Date.now();
const making = { cluster: 'test', now, id: 'r1' };

async function newHome(): Promise<Home> {
  const home = homeAt(mkdtempSync(join(tmpdir(), 'troupe-rotation-')));
  makeHome(home);
  await ensureHomePki(home, loadSettings(defaultsFile(), home.configFile));
  keepNatsEndpoint(home, { host: '127.0.0.1', port: 4222, token: 'old-token' });
  return home;
}

const text = (home: Home, name: string): string => readFileSync(join(home.pki, name), 'utf8');

test('what is sealed to a home is read by that home alone', async (t) => {
  const [own, other] = [await newHome(), await newHome()];
  const publicKey = String(createPublicKey(text(own, 'sealing.key')).export({ type: 'spki', format: 'pem' }));
  const sealed = await seal('secret', publicKey);
  t.false(sealed.includes('secret'));
  t.is(await unseal(sealed, text(own, 'sealing.key')), 'secret');
  await t.throwsAsync(unseal(sealed, text(other, 'sealing.key')));
  await t.throwsAsync(unseal(`${sealed.slice(0, -2)}AA`, text(own, 'sealing.key')));
});

test('a home believes both, then uses the new ones, then knows nothing of the old ones', async (t) => {
  const home = await newHome();
  const [ca, key] = [text(home, 'ca.crt'), signingKeyStatus(home.pki).signing];
  const fresh = await makeFresh(rotationParts, making);
  const newCa = fresh.authority?.ca.certificate ?? '';
  takeSteps(home, { id: 'r1', step: 'trust', fresh });
  t.is(text(home, 'ca.crt'), `${ca}${newCa}`);
  const storeCa = fresh.authority?.storeCa?.certificate ?? '';
  t.true(text(home, 'store-ca.crt').endsWith(storeCa));
  t.is(signingKeyStatus(home.pki).signing, key);
  t.deepEqual(acceptedAdminTokens(home), ['old-token', fresh.adminToken ?? '']);
  takeSteps(home, { id: 'r1', step: 'renew', fresh });
  t.is(text(home, 'ca.crt'), `${newCa}${ca}`);
  t.is(text(home, 'ca.key'), fresh.authority?.ca.key ?? '');
  t.not(signingKeyStatus(home.pki).signing, key);
  t.true(signingKeyStatus(home.pki).accepted.some(({ id }) => id === key));
  t.deepEqual(JSON.parse(text(home, 'nats.json')), fresh.nats);
  t.deepEqual(acceptedAdminTokens(home), [fresh.adminToken ?? '', 'old-token']);
  takeSteps(home, { id: 'r1', step: 'drop', fresh });
  t.is(text(home, 'ca.crt'), newCa);
  t.is(text(home, 'store-ca.crt'), storeCa);
  t.is(text(home, 'store-ca.key'), fresh.authority?.storeCa?.key ?? '');
  t.deepEqual(signingKeyStatus(home.pki).accepted, []);
  t.deepEqual(acceptedAdminTokens(home), [fresh.adminToken ?? '']);
});

test('a step that was interrupted is done again, with what held before it', async (t) => {
  const home = await newHome();
  const [ca, file] = [text(home, 'ca.crt'), join(home.pki, 'rotation.json')];
  const fresh = await makeFresh(['authority'], making);
  const newCa = fresh.authority?.ca.certificate ?? '';
  takeSteps(home, { id: 'r1', step: 'trust', fresh });
  const noted = readFileSync(file, 'utf8');
  takeSteps(home, { id: 'r1', step: 'renew', fresh });
  writeFileSync(file, noted); // As if the process had died before it noted the step.
  takeSteps(home, { id: 'r1', step: 'renew', fresh });
  t.is(text(home, 'ca.crt'), `${newCa}${ca}`);
  takeSteps(home, { id: 'r1', step: 'renew', fresh });
  t.is(text(home, 'ca.crt'), `${newCa}${ca}`, 'a step that was taken is not taken again');
});

interface Place {
  readonly store: StoreMember;
  readonly conductor: RotationConductor;
  readonly home: Home;
  readonly used: RotationUse[];
  /** The nodes that the conductor sees. */
  nodes: readonly NodeStanding[];
  alive: readonly string[];
  /** What publishing still waits for. */
  behind: readonly string[];
  run<T>(work: Promise<T>): Promise<T>;
}

/** One member with a store of its own. */
async function place(t: ExecutionContext): Promise<Place> {
  const time = new SimulatedTime();
  const random = seededRandom(1);
  const run = async <T>(work: Promise<T>): Promise<T> => {
    let over = false;
    void work.finally(() => {
      over = true;
    });
    while (!over) {
      await time.run(10);
      await turn();
    }
    return await work;
  };
  const store = await run(
    openStore({
      ...{ member: 'one', voters: ['one'], folder: '/store', clock: time, timers: time, random },
      disk: new SimulatedDisk({ random, timers: time, syncMs: 0 }).mount(),
      log: silentLogger,
      metrics: silentMetrics,
      transport: { send: () => undefined, onMessage: () => undefined },
    }),
  );
  const home = await newHome();
  const sealingKey = text(home, 'sealing.key');
  const where = { host: '192.0.2.1', apiPort: 6443, natsPort: 4222, routePort: 6222, version: '1' };
  const published = String(createPublicKey(sealingKey).export({ type: 'spki', format: 'pem' }));
  await run(putMemberRecord(store, { name: 'one', ...where, sealingKey: published }));
  const used: RotationUse[] = [];
  const follower = followRotation(
    { store, timers: time, log: silentLogger },
    {
      home,
      member: 'one',
      sealingKey,
      use: (step) => {
        used.push(step);
        return Promise.resolve();
      },
      takeMissed: () => Promise.resolve(false),
    },
  );
  t.teardown(() => {
    follower.close();
  });
  const made: Omit<Place, 'conductor'> = { store, home, used, nodes: [], alive: ['one'], behind: [], run };
  const conductor = rotationConductor({
    ...{ store, cluster: 'test', clock: { now: () => now, monotonic: () => time.monotonic() }, random },
    alive: () => made.alive,
    nodes: () => made.nodes,
    publish: () => Promise.resolve(made.behind),
  });
  return Object.assign(made, { conductor });
}

const fieldOf = (body: object, field: string): unknown => (body as Readonly<Record<string, unknown>>)[field];

/** Advances until the step changes, or what it waits for does not. Answers the status. */
async function advance({ conductor, run }: Place, id: unknown): Promise<object> {
  let body: object = {};
  for (let tries = 0; tries < 50; tries++) {
    const before = fieldOf(conductor.status(), 'step');
    ({ body } = await run(conductor.order({ advance: id })));
    if (fieldOf(body, 'step') !== before) return body;
    await run(new Promise((resolve) => setTimeout(resolve, 5)));
  }
  return body;
}

test('a rotation goes from step to step when members, clients and nodes have taken the one before', async (t) => {
  const place_ = await place(t);
  const { conductor, run, home, used } = place_;
  const node: NodeStanding = { name: 'n1', ready: true };
  place_.nodes = [node];
  const begun = await run(conductor.order({ begin: [...rotationParts] }));
  t.is(begun.status, 200);
  const id = String(fieldOf(begun.body, 'id'));
  place_.behind = ['maps'];
  t.like(await advance(place_, id), { step: 'trust', waiting: ['maps'] });
  place_.behind = [];
  t.like(await advance(place_, id), { step: 'trust', waiting: ['node n1'] });
  place_.nodes = [{ ...node, taken: { id, step: 'trust' } }];
  t.like(await advance(place_, id), { step: 'renew' });
  t.like(await advance(place_, id), { step: 'renew', waiting: ['node n1'] });
  t.like((await run(conductor.order({ begin: ['nats'] }))).body, { id, step: 'renew' }, 'the same command goes on');
  place_.nodes = [{ ...node, taken: { id, step: 'renew' } }];
  t.like(await advance(place_, id), { step: 'drop' });
  place_.nodes = [{ ...node, taken: { id, step: 'drop' } }];
  t.like(await advance(place_, id), { step: 'done' });
  while (used.length < 4) await run(turn());
  t.deepEqual(used, ['trust', 'renew', 'drop', 'done']);
  t.false(existsSync(join(home.pki, 'rotation.json')), 'the secrets lie in their own files alone');
  t.not((await run(conductor.order({ begin: ['admin-token'] }))).body, begun.body);
});

test('who is away keeps a rotation from its beginning, unless it is left out', async (t) => {
  const place_ = await place(t);
  const { conductor, run } = place_;
  place_.nodes = [{ name: 'n1', ready: false }];
  const refused = await run(conductor.order({ begin: ['authority'] }));
  t.is(refused.status, 409);
  t.regex(String(fieldOf(refused.body, 'message')), /n1 cannot take part now; start what is down, or give --leave-out/);
  t.is((await run(conductor.order({ begin: ['nats'] }))).status, 200, 'nodes have no part in this one');
  t.is((await run(conductor.order({ begin: ['authority'], leaveOut: ['n1'] }))).status, 409, 'one at a time');
  t.is((await run(conductor.order({ begin: ['all'] }))).status, 400);
  t.is((await run(conductor.order({ advance: 'other' }))).status, 404);
});

test('a member that is away is named', async (t) => {
  const place_ = await place(t);
  place_.alive = [];
  const refused = await place_.run(place_.conductor.order({ begin: ['nats'] }));
  t.regex(String(fieldOf(refused.body, 'message')), /^one cannot take part now/);
});
