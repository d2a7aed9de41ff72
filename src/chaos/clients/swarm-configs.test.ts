import test from 'ava';
import { ApiClient, type Call, type Outcome } from './api-client.ts';
import { swarmAnswer, SwarmConfigs } from './swarm-configs.ts';

const answered = (status: number, text = ''): Outcome => ({ type: 'answered', status, text });
const unknown = (why: string): Outcome => ({ type: 'unknown', why });

test('what an engine answers is told as it is: done, a conflict, refused for sure, or unknown', (t) => {
  const outcomes: readonly Outcome[] = [
    answered(200),
    answered(201),
    answered(409, 'config a already exists'),
    unknown('500 {"message":"rpc error: code = Unknown desc = update out of sequence"}'),
    unknown('503 {"message":"This node is not a swarm manager. Use \\"docker swarm init\\""}'),
    answered(400, 'bad'),
    unknown('500 {"message":"rpc error: code = DeadlineExceeded desc = context deadline exceeded"}'),
    unknown('no answer within 5000 ms'),
    { type: 'unsent', why: 'connect ENOENT' },
  ];
  t.deepEqual(
    outcomes.map((outcome) => swarmAnswer(outcome, () => 0).type),
    ['done', 'done', 'conflict', 'conflict', 'refused', 'refused', 'unknown', 'unknown', 'refused'],
  );
});

/** An engine that keeps configs, with the version index of a Swarm. */
class Engine extends ApiClient {
  readonly asked: string[] = [];
  readonly #configs = new Map<string, { Name: string; Labels: Record<string, string>; index: number }>();
  #index = 10;
  constructor() {
    super({ urls: ['unix:///none'] });
  }
  override call({ method = 'GET', path, body }: Call): Promise<Outcome> {
    this.asked.push(`${method} ${path}`);
    const [, id = '', version] = /^\/configs\/([^/]+)(?:\/update\?version=(\d+))?$/.exec(path) ?? [];
    const spec = body as { Name: string; Labels: Record<string, string> };
    this.#index += 1;
    if (id === 'create') {
      this.#configs.set(`id-${spec.Name}`, { ...spec, index: this.#index });
      return Promise.resolve(answered(201, JSON.stringify({ ID: `id-${spec.Name}` })));
    }
    const found = this.#configs.get(id);
    if (version !== undefined && Number(version) !== found?.index)
      return Promise.resolve(unknown('500 update out of sequence'));
    if (version !== undefined) this.#configs.set(id, { ...spec, index: this.#index });
    const told = [...this.#configs].map(([ID, { index, ...Spec }]) => ({ ID, Version: { Index: index }, Spec }));
    return Promise.resolve(answered(200, JSON.stringify(id === '' ? told : told.find(({ ID }) => ID === id))));
  }
}

test('configs are made, read, compared and set by version index, and creates are listed', async (t) => {
  const configs = new SwarmConfigs(new Engine());
  t.deepEqual(await configs.make('register-0', 'first'), { name: 'register-0', version: 11 });
  const read = await configs.read('register-0', 0);
  t.deepEqual(read, { type: 'done', value: { value: 'first', version: 11 } });
  const from = { value: 'first', version: 11 };
  const swap = { name: 'register-0', from, turn: 0 };
  t.deepEqual(await configs.swap({ ...swap, value: 'a' }), { type: 'done', value: { name: 'register-0' } });
  t.deepEqual(await configs.swap({ ...swap, value: 'b' }), { type: 'conflict' });
  t.like(await configs.read('register-0', 0), { value: { value: 'a' } });
  t.deepEqual(await configs.create('3-7', 0), { type: 'done', value: { name: 'created-3-7' } });
  t.deepEqual(await configs.created(), ['3-7']);
});
