import test from 'ava';
import { bodyJson, startDoor } from '../testing/index.ts';
import { type ApiHttpResponse, textOf } from '../request.ts';

const textOfAnswer = ({ body }: ApiHttpResponse): string => (body instanceof Uint8Array ? textOf(body) : '');

/** A door with a check that fails while `isBad` holds, and one that counts for readiness alone. */
function doorWithChecks(isBad: () => boolean) {
  return startDoor(
    {},
    {
      healthChecks: [
        { name: 'ping', check: () => undefined },
        {
          name: 'poststarthook/start-it',
          check: () => {
            if (isBad()) throw new Error('not yet');
          },
        },
        { name: 'shutdown', endpoints: ['readyz'], check: () => undefined },
      ],
    },
  );
}

test('each check has a path of its own, is listed by name and can be left out', async (t) => {
  let bad = true;
  const door = doorWithChecks(() => bad);
  const ask = async (path: string): Promise<[number, string]> => {
    const answer = await door.ask('GET', path, { user: 'anonymous' });
    return [answer.status, textOfAnswer(answer)];
  };
  t.deepEqual(await ask('/livez'), [
    500,
    '[+]ping ok\n[-]poststarthook/start-it failed: reason withheld\nlivez check failed\n',
  ]);
  t.deepEqual(await ask('/livez/poststarthook/start-it'), [500, 'internal server error: reason withheld\n']);
  t.deepEqual(await ask('/livez?exclude=poststarthook/start-it'), [200, 'ok']);
  bad = false;
  t.deepEqual(await ask('/readyz?verbose=1'), [
    200,
    '[+]ping ok\n[+]poststarthook/start-it ok\n[+]shutdown ok\nreadyz check passed\n',
  ]);
  t.deepEqual(await ask('/livez/poststarthook/start-it'), [200, 'ok']);
  t.is((await ask('/livez/shutdown'))[0], 404);
});

test('the indicators tell what each check says now, and how often it did', async (t) => {
  const door = doorWithChecks(() => true);
  await door.ask('GET', '/healthz');
  const lines = textOfAnswer(await door.ask('GET', '/metrics/slis')).split('\n');
  for (const line of [
    'kubernetes_healthcheck{name="ping",type="healthz"} 1',
    'kubernetes_healthcheck{name="poststarthook/start-it",type="livez"} 0',
    'kubernetes_healthcheck{name="shutdown",type="readyz"} 1',
    'kubernetes_healthchecks_total{name="ping",status="success",type="healthz"} 2',
    'kubernetes_healthchecks_total{name="poststarthook/start-it",status="error",type="healthz"} 2',
  ])
    t.true(lines.includes(line), line);
  t.false(lines.some((line) => line.includes('name="shutdown",type="livez"')));
  t.is((await door.ask('GET', '/metrics/slis', { user: 'alice' })).status, 403);
});

test('componentstatuses are the health of the parts, in every form', async (t) => {
  const door = startDoor(
    {},
    {
      components: [
        { name: 'scheduler', check: () => Promise.reject(new Error('no member works on shard 0')) },
        { name: 'etcd-0', check: () => undefined },
      ],
    },
  );
  const list = bodyJson(await door.ask('GET', '/api/v1/componentstatuses')) as { items: unknown[] };
  t.like(list, { kind: 'ComponentStatusList', apiVersion: 'v1' });
  t.deepEqual(list.items, [
    {
      metadata: { name: 'scheduler', creationTimestamp: null },
      conditions: [{ type: 'Healthy', status: 'False', message: 'no member works on shard 0' }],
    },
    {
      metadata: { name: 'etcd-0', creationTimestamp: null },
      conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
    },
  ]);
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const table = bodyJson(await door.ask('GET', '/api/v1/componentstatuses', { headers: { accept } })) as {
    rows: { cells: string[] }[];
  };
  t.deepEqual(
    table.rows.map(({ cells }) => cells),
    [
      ['scheduler', 'Unhealthy', 'no member works on shard 0', ''],
      ['etcd-0', 'Healthy', 'ok', ''],
    ],
  );
  t.like(bodyJson(await door.ask('GET', '/api/v1/componentstatuses/etcd-0')), { metadata: { name: 'etcd-0' } });
  t.is((await door.ask('GET', '/api/v1/componentstatuses/none')).status, 404);
  t.is((await door.ask('DELETE', '/api/v1/componentstatuses/etcd-0')).status, 405);
});
