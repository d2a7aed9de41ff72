/** Measures tells per second, beside bare nact. */
import { dispatch, type Ref, spawn, start, stop } from 'nact';
import { createRegion } from '../../src/actors/index.ts';
import { newSystem } from './system.ts';

/** Tells per second to one of `actors` resource actors, until all are handled. */
export async function troupeTells(actors: number, forMs: number): Promise<number> {
  const system = newSystem('tells');
  let handled = 0;
  const region = createRegion<null, { readonly type: 'wake' }>(system, {
    kind: 'bench',
    buckets: 8,
    behaviour: () => ({
      initialState: () => null,
      receive: (state) => {
        handled += 1;
        return state;
      },
    }),
  });
  const keys = Array.from({ length: actors }, (_, i) => `default/object-${i}`);
  const wake = { type: 'wake' } as const;
  for (const key of keys) region.tell(key, wake);
  while (handled < actors) await turn();
  const rate = await load(
    forMs,
    () => handled,
    (i) => {
      region.tell(keys[i % actors] ?? '', wake);
    },
  );
  await system.stop();
  return rate;
}

/** The same with bare nact in its usual shape: one parent that hands each message to a child. */
export async function bareTells(actors: number, forMs: number): Promise<number> {
  const system = start();
  let handled = 0;
  const children: Ref<unknown>[] = [];
  const parent = spawn(
    system,
    (_state: unknown, message: number) => {
      dispatch(children[message] as Ref<unknown>, message);
      return null;
    },
    'parent',
  ) as Ref<number>;
  for (let i = 0; i < actors; i++)
    children.push(
      spawn(
        parent,
        () => {
          handled += 1;
          return null;
        },
        `object-${i}`,
      ) as Ref<unknown>,
    );
  const rate = await load(
    forMs,
    () => handled,
    (i) => {
      dispatch(parent, i % actors);
    },
  );
  stop(system);
  return rate;
}

/** At most this many are under way at a time. */
const ahead = 5_000;

async function load(forMs: number, handled: () => number, send: (i: number) => void): Promise<number> {
  const [began, before] = [performance.now(), handled()];
  let sent = 0;
  while (performance.now() - began < forMs) {
    while (sent - (handled() - before) < ahead) send(sent++);
    await turn();
  }
  while (handled() - before < sent) await turn();
  return sent / ((performance.now() - began) / 1_000);
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
