import { createServer, type Server, type ServerResponse } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import test from 'ava';
import type { Browser, Page } from 'playwright-core';
import type { ActorRow, Frame, Tick } from '../../src/supervision/index.ts';
import { chromiumProgram, enter, launch } from './browser.ts';

/**
 * The dashboard's files in a real Chromium, fed by a server of the test: three members, 10,000 actors, much of it
 * changing each second.
 */
const program = chromiumProgram();
if (program === undefined) console.log('skipped: the dashboard tests need Chromium (apt-get install chromium)');
const serial = program === undefined ? test.serial.skip : test.serial;
const files = resolve(import.meta.dirname, '..', '..', 'dist', 'dashboard');
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const members = ['member-1', 'member-2', 'member-3'];
const actorsEach = 3_334;
const changedEach = 500;

let server: Server;
let browser: Browser;
let page: Page;
const viewers = new Set<ServerResponse>();
let beat = 0;
/** Where the shards of member-3 go; undefined: they stay. */
let movingTo: string | undefined;

const rowsOf = (): ActorRow[] => [
  { address: 'deployment-controller' },
  ...Array.from({ length: 8 }, (_, shard) => ({
    address: `deployment-controller/${shard}`,
    parent: 'deployment-controller',
  })),
  ...Array.from({ length: actorsEach - 9 }, (_, i) => ({
    address: `deployment-controller/${i % 8}/default/web-${i}`,
    parent: `deployment-controller/${i % 8}`,
  })),
];

function frameOf(process: string, reset: boolean): Frame {
  const rank = members.indexOf(process);
  const counts = Array.from(
    { length: changedEach },
    (_, i) => [`deployment-controller/${i % 8}/default/web-${i}`, beat % 3, (beat % 3) * 10, beat * 7 + i] as const,
  );
  return {
    process,
    role: 'member',
    startedAt: 1,
    sequence: beat,
    at: Date.now(),
    ...(reset
      ? { reset: true as const, put: rowsOf() }
      : {
          put: [
            {
              address: `deployment-controller/1/default/web-${beat * 8 + 1}`,
              parent: 'deployment-controller/1',
              restarts: 1,
            },
          ],
        }),
    counts,
    figures: { residentBytes: 2e8, heapBytes: 1e8, cpuSeconds: beat / 10, loopLagMs: 1 },
    store: {
      member: process,
      role: rank === 0 ? 'leader' : 'follower',
      term: 3,
      commitIndex: 1_000 + beat,
      appliedIndex: 1_000 + beat - rank,
      revision: 900 + beat,
      keys: 800,
      logBytes: 1e6,
      lastSyncMs: 2,
    },
    ...(rank === 0
      ? {
          shards: Array.from({ length: 32 }, (_, shard) => ({
            shard: String(shard),
            owner: members[shard % 3] ?? '',
            epoch: 1,
            ...(shard % 3 === 2 && movingTo !== undefined ? { movingTo } : {}),
          })),
        }
      : {}),
  };
}

function tick(reset: boolean): string {
  const said: Tick = { at: Date.now(), frames: members.map((process) => frameOf(process, reset)), alerts: [] };
  return `event: tick\ndata: ${JSON.stringify(said)}\n\n`;
}

function answer(path: string, response: ServerResponse): void {
  if (path === '/troupe/api/feed') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(tick(true));
    viewers.add(response);
    response.on('close', () => {
      viewers.delete(response);
    });
    return;
  }
  const file = join(files, path === '/troupe/' ? 'index.html' : path.replace('/troupe/', ''));
  if (path.startsWith('/troupe/') && existsSync(file)) {
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' }).end(readFileSync(file));
    return;
  }
  const known = path.endsWith('selfsubjectreviews')
    ? { status: { userInfo: { username: 'tester' } } }
    : { status: { allowed: true }, items: [], metadata: { resourceVersion: '1' } };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(known));
}

test.before(async () => {
  if (program === undefined) return;
  server = createServer((request, response) => {
    answer(new URL(request.url ?? '/', 'http://localhost').pathname, response);
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  browser = await launch(program);
  page = await (await browser.newContext({ viewport: { width: 1360, height: 850 } })).newPage();
  const address = server.address();
  await enter(
    page,
    `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/troupe/#/tree`,
  );
  await page.getByLabel('Find an actor').waitFor();
});
test.after.always(async () => {
  await browser?.close();
  for (const viewer of viewers) viewer.destroy();
  server?.close();
});

/**
 * Sends so many ticks, each once the page has drawn the one before; the processor time of the page's main thread for
 * one, in ms.
 */
async function measured(
  ticks: number,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly taskMs: number; readonly nodes: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const metric = async (name: string): Promise<number> =>
    (await session.send('Performance.getMetrics')).metrics.find((one) => one.name === name)?.value ?? Number.NaN;
  const before = await metric('TaskDuration');
  for (let i = 0; i < ticks; i++) {
    beat += 1;
    for (const viewer of viewers) viewer.write(tick(false));
    await between();
    await page.evaluate('new Promise((done) => { requestAnimationFrame(() => { requestAnimationFrame(done); }); })');
  }
  const taskMs = (((await metric('TaskDuration')) - before) * 1000) / ticks;
  return { taskMs, nodes: await page.evaluate<number>('document.querySelectorAll("*").length') };
}

serial(
  '10,000 actors: a tick costs the page a fraction of its second, and only rows in sight are in the page',
  async (t) => {
    await page.getByText(/10,002 actors in 3 processes/).waitFor();
    const closed = await measured(10);
    await page.getByLabel('Find an actor').fill('web-');
    await page.getByText('default/web-0', { exact: true }).first().waitFor();
    const open = await measured(10);
    const scrolled = await measured(20, async () => {
      await page.locator('.tree-window').evaluate((window) => {
        window.scrollTop += 4_000;
      });
    });
    t.log(
      `ms of the main thread a tick: ${closed.taskMs.toFixed(0)} closed, ` +
        `${open.taskMs.toFixed(0)} with all 10,000 rows open, ${scrolled.taskMs.toFixed(0)} scrolling; ` +
        `at most ${Math.max(closed.nodes, open.nodes, scrolled.nodes)} elements`,
    );
    t.true(Math.max(closed.nodes, open.nodes, scrolled.nodes) < 1_500);
    t.true((await page.locator('.tree-row[role=treeitem]').count()) < 80);
    t.true(closed.taskMs < 100, `${closed.taskMs} ms`);
    t.true(Math.max(open.taskMs, scrolled.taskMs) < 250, `${open.taskMs} and ${scrolled.taskMs} ms`);
  },
);

serial('three members are shown with their parts, and shards that are on their way', async (t) => {
  await page.evaluate('location.hash = "#/members"');
  await page.getByRole('heading', { name: 'Members' }).waitFor();
  await measured(1);
  for (const [member, role] of [
    ['member-1', 'leader'],
    ['member-2', 'follower'],
    ['member-3', 'follower'],
  ] as const)
    await page
      .getByRole('row', { name: new RegExp(`${member}.*${role}`) })
      .first()
      .waitFor();
  t.is(await page.getByRole('list', { name: 'Shards' }).getByRole('listitem').count(), 32);
  t.is(await page.getByText(/moving to/).count(), 0);
  movingTo = 'member-1';
  await measured(1);
  await page.getByText('10 moving to member-1').waitFor();
  t.is(await page.getByRole('listitem', { name: /moves to member-1/ }).count(), 10);
  movingTo = undefined;
  await measured(1);
  t.is(await page.getByText(/moving to/).count(), 0);
});
