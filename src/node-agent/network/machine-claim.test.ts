import test from 'ava';
import { SimulatedTime } from '../../platform/index.ts';
import { claimMachine } from './machine-claim.ts';

/** Resolves at the first change after which `reached` holds. */
class Changes {
  #waiting: { readonly reached: () => boolean; readonly resolve: () => void }[] = [];

  readonly changed = (): void => {
    const { waiting, done } = Object.groupBy(this.#waiting, ({ reached }) => (reached() ? 'done' : 'waiting'));
    this.#waiting = waiting ?? [];
    for (const { resolve } of done ?? []) resolve();
  };

  async until(reached: () => boolean): Promise<void> {
    if (reached()) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push({ reached, resolve });
    });
  }
}

test('one agent of a machine has the claim and knows the others; when it ends, another one takes over', async (t) => {
  // Claims do not keep a process alive.
  const alive = setInterval(() => undefined, 1000);
  t.teardown(() => {
    clearInterval(alive);
  });
  const cluster = `claim-${process.pid}`;
  const changes = new Changes();
  const claim = (node: string): ReturnType<typeof claimMachine> =>
    claimMachine({ cluster, node, timers: new SimulatedTime(), changed: changes.changed });
  const first = claim('one');
  t.teardown(() => {
    first.close();
  });
  await changes.until(() => first.held);
  const second = claim('two');
  t.teardown(() => {
    second.close();
  });
  await changes.until(() => first.nodes.length === 2);
  t.deepEqual(first.nodes, ['one', 'two']);
  t.false(second.held);
  first.close();
  await changes.until(() => second.held);
  t.deepEqual(second.nodes, ['two']);
  t.false(first.held);
});
