import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { Browser, Page } from 'playwright-core';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { chromiumProgram, launch, navigate, visit, type Visit } from './browser.ts';
import { Cluster, eventually, signalProcess } from './cluster.ts';

/** The dashboard as an operator uses it, in a real Chromium. REWRITE=1 takes the pictures of docs/images again. */
const image = 'troupe.local/hello:1';
const program = chromiumProgram();
if (program === undefined) console.log('skipped: the dashboard tests need Chromium (apt-get install chromium)');
const serial = program === undefined ? test.serial.skip : test.serial;
const views = ['overview', 'tree', 'members', 'nodes', 'workloads', 'objects', 'alerts', 'replay', 'trace'];
const pictures = join(import.meta.dirname, '..', '..', 'docs', 'images');

let cluster: Cluster;
let browser: Browser;
let admin: Visit;
let viewerToken = '';
const visits: Visit[] = [];

async function signedIn(options: Parameters<typeof visit>[2]): Promise<Visit> {
  const made = await visit(browser, cluster.url, options);
  visits.push(made);
  return made;
}

async function show(page: Page, view: string): Promise<void> {
  await page.evaluate((hash) => {
    (globalThis as unknown as { location: { hash: string } }).location.hash = hash;
  }, `#/${view}`);
  await page.waitForTimeout(300);
}

async function picture(page: Page, name: string): Promise<void> {
  if (process.env['REWRITE'] === undefined) return;
  await page.waitForTimeout(1_500);
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

const row = (page: Page, name: string): ReturnType<Page['locator']> =>
  page.locator('.tree-row[role=treeitem]').filter({ has: page.locator('code', { hasText: new RegExp(`^${name}$`) }) });

test.before(
  'a cluster with two nodes, three pods that work, one that crashes, and a user who may only look',
  async () => {
    if (program === undefined) return;
    ensureBusyboxImage(image);
    cluster = await Cluster.create('dashboard', ['--nodes', '2']);
    await eventually('both nodes to be ready', () => cluster.status().nodes.filter((node) => node.ready).length === 2);
    cluster.must('create', 'deployment', 'shop', `--image=${image}`, '--replicas=3', '--', 'sleep', '100000');
    cluster.must('create', 'deployment', 'crashing', `--image=${image}`, '--', 'false');
    cluster.must('create', 'serviceaccount', 'viewer');
    for (const role of ['view', 'troupe:supervision-viewer'])
      cluster.must(
        'create',
        'clusterrolebinding',
        `viewer-${role.split(':')[0] ?? ''}`,
        `--clusterrole=${role}`,
        '--serviceaccount=default:viewer',
      );
    viewerToken = cluster.must('create', 'token', 'viewer').trim();
    cluster.must('rollout', 'status', 'deployment/shop', '--timeout=60s');
    browser = await launch(program);
    admin = await signedIn({ token: cluster.token });
  },
);
test.after.always('removed with everything that it made', async () => {
  await browser?.close();
  if (cluster !== undefined) cluster.destroy();
});

serial('a page whose loading is broken off is loaded again by itself', async (t) => {
  const { page } = await signedIn({});
  let asked = 0;
  await page.route('**/tree.js', async (route) => {
    asked += 1;
    await (asked < 3 ? route.abort('failed') : route.continue());
  });
  let unstyled = false;
  await page.route('**/style.css', async (route) => {
    const breaksOff = asked === 2 && !unstyled; // As the modules begin to arrive.
    unstyled ||= breaksOff;
    await (breaksOff ? route.abort('failed') : route.continue());
  });
  await navigate(page, () => page.reload());
  await page.getByLabel('Bearer token').waitFor();
  t.true(unstyled);
  const width = (await page.locator('.login form').boundingBox())?.width ?? Infinity;
  t.true(width < 600, `the form is ${width} px wide: the page has its styles`);
  // A network interface that comes or goes meanwhile breaks one more off.
  t.true(asked >= 3);
  visits.pop();
  await page.close();
});

serial('the tree shows within seconds that nats-server was killed and came back, with the reason', async (t) => {
  const { page } = admin;
  await show(page, 'tree');
  await row(page, 'nats-server').waitFor();
  await page.evaluate(() => {
    (globalThis as { stays?: boolean }).stays = true;
  });
  signalProcess(Number(readFileSync(join(cluster.home, 'run', 'nats-server.pid'), 'utf8')));
  await row(page, 'nats-server').filter({ hasText: '↻ 1' }).waitFor({ timeout: 30_000 });
  t.true(
    await page.evaluate(() => (globalThis as { stays?: boolean }).stays === true),
    'the page was not loaded again',
  );
  await row(page, 'nats-server').click();
  t.regex(await page.getByLabel('Selected actor').innerText(), /Crashed .* ago/);
  const map = page.getByRole('img', { name: /^member-1: .*1 restarted before/ });
  // One picture may show another actor of the same cell, with messages that wait.
  await map.locator('.cell.restarted').waitFor();
  t.true((await map.locator('.cell').count()) > 20);
  await picture(page, 'dashboard-tree');
});

serial('a node agent that is killed is seen to be started anew', async (t) => {
  const { page } = admin;
  await show(page, 'alerts');
  signalProcess(cluster.status().nodes[0]?.pid);
  const line = page.locator('.timeline li', { hasText: /was restarted/ });
  await line.first().waitFor({ timeout: 40_000 });
  t.regex(await line.first().innerText(), /node-\d/);
});

serial('an actor is restarted by its button, after a question, and the audit trail has it', async (t) => {
  const { page } = admin;
  await show(page, 'tree');
  await row(page, 'job-controller').click();
  await page.getByLabel('Selected actor').getByRole('button', { name: 'Restart' }).click();
  const before = cluster.must('get', '--raw', '/troupe/api/replay');
  t.false(before.includes('job-controller was restarted'));
  await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click();
  await page.getByText('job-controller was restarted').waitFor();
  const entry = await eventually('the audit entry', () =>
    readFileSync(join(cluster.home, 'logs', 'audit.log'), 'utf8')
      .split('\n')
      .find((line) => line.includes('/troupe/api/actors/restart')),
  );
  t.like(JSON.parse(entry), { requestURI: '/troupe/api/actors/restart', user: { username: 'admin' } });
});

serial('who may only look sees the tree but no button, and the API refuses him', async (t) => {
  const { page } = await signedIn({ token: viewerToken });
  await show(page, 'tree');
  await row(page, 'job-controller').click();
  await page.getByLabel('Selected actor').getByText('Handled').waitFor();
  await page.waitForTimeout(1_000);
  t.is(await page.getByRole('button', { name: 'Restart', exact: true }).count(), 0);
  await show(page, 'workloads');
  await page.getByText('shop', { exact: true }).waitFor();
  await page.waitForTimeout(1_000);
  for (const name of ['Scale', 'Delete', 'Restart pods'])
    t.is(await page.getByRole('button', { name, exact: true }).count(), 0, name);
  const status = await page.evaluate(async (token) => {
    const response = await fetch('/troupe/api/actors/restart', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ process: 'member-1', address: 'job-controller' }),
    });
    return response.status;
  }, viewerToken);
  t.is(status, 403);
  const codes = await page.evaluate(
    (token) =>
      Promise.all(
        ['store/backup', 'store/status', 'replay', 'tree'].map(async (path) => {
          const response = await fetch(`/troupe/api/${path}`, { headers: { authorization: `Bearer ${token}` } });
          return `${path} ${response.status}`;
        }),
      ),
    viewerToken,
  );
  t.deepEqual(codes, ['store/backup 403', 'store/status 403', 'replay 200', 'tree 200']);
});

serial('a client certificate of the browser signs in without a token', async (t) => {
  const pki = (name: string): Buffer => readFileSync(join(cluster.home, 'pki', name));
  const { page } = await signedIn({ certificate: { cert: pki('admin.crt'), key: pki('admin.key') } });
  await page.getByRole('navigation', { name: 'Views' }).waitFor();
  t.regex(await page.getByTitle('Signed in as').innerText(), /admin/);
  await show(page, 'tree');
  await row(page, 'nats-server').waitFor();
});

serial('the workload view scales a deployment and follows its rollout', async (t) => {
  const { page } = admin;
  await show(page, 'workloads');
  const shop = page.locator('article', { hasText: 'shop' }).first();
  await shop.getByRole('button', { name: 'Scale' }).click();
  await page.getByLabel('Replicas').fill('4');
  await page.getByRole('dialog').getByRole('button', { name: 'Scale' }).click();
  await shop.getByText('4 / 4').waitFor({ timeout: 30_000 });
  t.is(cluster.must('get', 'deployment', 'shop', '-o', 'jsonpath={.spec.replicas}'), '4');
  // The message of the first change goes away while the second one is typed.
  await page.getByText('shop is scaled to 4.').waitFor();
  await shop.getByRole('button', { name: 'Scale' }).click();
  await page.getByLabel('Replicas').fill('3');
  await page.getByText('shop is scaled to 4.').waitFor({ state: 'detached' });
  t.is(await page.getByLabel('Replicas').inputValue(), '3');
  await page.getByRole('dialog').getByRole('button', { name: 'Scale' }).click();
  await shop.getByText('3 / 3').waitFor({ timeout: 30_000 });
  await shop.getByRole('button', { name: 'Open shop' }).click();
  await picture(page, 'dashboard-workloads');
});

serial('nodes and pods show what they use', async (t) => {
  const { page } = admin;
  await show(page, 'nodes');
  await page.getByRole('meter', { name: 'CPU used' }).first().waitFor({ timeout: 60_000 });
  await show(page, 'workloads');
  const shop = page.locator('article', { hasText: 'shop' }).first();
  await shop.getByRole('button', { name: 'Open shop' }).click();
  await shop.locator('.usage').first().waitFor({ timeout: 60_000 });
  t.regex(await shop.locator('.usage').first().innerText(), /^\d+m CPU · [\d.]+ (KiB|MiB)$/);
});

serial('a pod shows its YAML, its log and a shell', async (t) => {
  const { page } = admin;
  const name = cluster.must('get', 'pods', '-l', 'app=shop', '-o', 'jsonpath={.items[0].metadata.name}');
  await show(page, `objects/api/v1/namespaces/default/pods/${name}`);
  await page.getByText('apiVersion: v1').waitFor();
  await page.getByRole('tab', { name: 'Exec' }).click();
  await page.getByRole('button', { name: 'Run' }).click();
  await page.getByLabel('Input').fill('echo answer-$((6*7))');
  await page.getByLabel('Input').press('Enter');
  await page.locator('pre', { hasText: 'answer-42' }).waitFor();
  t.pass();
});

serial('a write is followed by its Audit-ID, from the door to the node', async (t) => {
  const { page } = admin;
  const id = await page.evaluate(async (token) => {
    const response = await fetch('/apis/apps/v1/namespaces/default/deployments/shop', {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/merge-patch+json' },
      body: '{"spec":{"template":{"metadata":{"labels":{"traced":"yes"}}}}}',
    });
    return response.headers.get('audit-id') ?? '';
  }, cluster.token);
  await page.waitForTimeout(2_000);
  await show(page, 'trace');
  await page.getByLabel('Trace id or Audit-ID').fill(id);
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('PATCH /apis/apps/v1/namespaces/default/deployments/shop').waitFor();
  await page
    .getByText(/replicaset-controller\/\d\/default\/shop-/)
    .first()
    .waitFor();
  await page
    .getByText(/^node-agent\/pods-/)
    .first()
    .waitFor();
  await show(page, `trace/${'f'.repeat(32)}`);
  await page.getByText('No process remembers a step of it.').waitFor();
  t.pass();
});

serial('the replay finds the crash, and the tree as it was then', async (t) => {
  const { page } = admin;
  await show(page, 'replay');
  await page.getByLabel('Time', { exact: true }).waitFor();
  await page
    .getByLabel('Time', { exact: true })
    .fill((await page.getByLabel('Time', { exact: true }).getAttribute('min')) ?? '');
  await page.getByLabel('Find an actor').fill('nats-server');
  await row(page, 'nats-server').waitFor();
  t.is(
    await row(page, 'nats-server').filter({ hasText: '↻' }).count(),
    0,
    'in the beginning it had not been restarted',
  );
  for (let i = 0; i < 60 && (await page.getByText('nats-server crashed').count()) === 0; i++)
    await page.getByRole('button', { name: 'Next problem' }).click();
  t.true((await page.getByText('nats-server crashed').count()) > 0);
  await row(page, 'nats-server').filter({ hasText: '↻ 1' }).waitFor();
  await picture(page, 'dashboard-replay');
});

serial('every view fits a phone, and dark is dark', async (t) => {
  const grounds: string[] = [];
  for (const dark of [false, true]) {
    const { page } = await signedIn({ token: cluster.token, width: 390, height: 800, dark });
    for (const view of views) {
      await show(page, view);
      await page.waitForTimeout(400);
      t.true(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${view} scrolls sideways`);
      if (dark && view === 'tree') await picture(page, 'dashboard-phone');
    }
    grounds.push(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor'));
  }
  t.not(grounds[0], grounds[1]);
});

serial('keys move through the views and the tree', async (t) => {
  const { page } = admin;
  await page.keyboard.press('Escape');
  await page.locator('main').focus();
  await page.keyboard.press('2');
  await page.getByRole('tree').focus();
  for (const key of ['Home', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
  t.is(await page.locator('[aria-selected=true]').count(), 1);
  await page.keyboard.press('/');
  t.true(await page.evaluate('document.activeElement.type === "search"'));
  await page.keyboard.type('nats');
  await row(page, 'nats-server').waitFor();
  t.is(await row(page, 'job-controller').count(), 0);
});

serial('no page complained: no script error, nothing refused by the content security policy', async (t) => {
  if (process.env['REWRITE'] !== undefined) {
    const { page } = await signedIn({ token: cluster.token, dark: true });
    await page.waitForTimeout(12_000);
    await picture(page, 'dashboard-overview');
  }
  t.deepEqual(
    visits.flatMap(({ complaints }) => complaints),
    [],
  );
});

serial('a run of chaos is shown while it lasts: how far it is, what it breaks and what clients feel', async (t) => {
  const { page } = admin;
  await show(page, 'overview');
  t.is(await page.locator('.chaos').count(), 0);
  const run = {
    ...{ format: 1, name: 'smoke', summary: 'Every process dies.', durationMs: 100_000, atMs: 25_000 },
    faults: [{ id: 1, spec: 'kill member', victim: 'member-1', beganMs: 20_000, moment: 'began', proof: 'SIGKILL' }],
    probes: [{ name: 'writes', attempts: 1_200, failures: 3 }],
    complaints: ['member-1 is not ready'],
  };
  cluster.apply(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: 'chaos-smoke',
        labels: { 'troupe.dev/chaos': 'true' },
        annotations: { 'troupe.dev/chaos-run': JSON.stringify(run) },
      },
    }),
  );
  const card = page.locator('.chaos');
  await card.waitFor();
  const text = await card.innerText();
  for (const part of ['Chaos: smoke', '25 s of 1 min', 'kill member', 'in force', '1,200, 3 failed', 'is not ready'])
    t.true(text.includes(part), `${part}: ${text}`);
  cluster.must('delete', 'namespace', 'chaos-smoke');
  await card.waitFor({ state: 'detached' });
});
