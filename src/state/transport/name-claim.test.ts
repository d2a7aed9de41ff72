import test from 'ava';
import { silentLogger } from '../../base/index.ts';
import { encode, SimulatedNetwork, subjectsOf } from '../../bus/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { AdministrationError, claimName, type NameClaim } from '../index.ts';

const subjects = subjectsOf('test');

class Homes {
  readonly time = new SimulatedTime();
  readonly network = new SimulatedNetwork(this.time);
  /** By life: how it learnt, while it served, that the name is not its own. */
  readonly lost = new Map<string, AdministrationError>();

  /** Starts a process; its claim, or why it was refused. */
  async start(
    life: string,
    { since = this.time.now(), member = 'm1' }: { readonly since?: number; readonly member?: string } = {},
  ): Promise<NameClaim | AdministrationError> {
    const claiming = claimName({
      bus: this.network.client(life),
      subjects,
      member,
      life,
      folder: `/homes/${life}`,
      since,
      timers: this.time,
      log: silentLogger,
      onLost: (error) => {
        this.lost.set(life, error);
      },
    }).catch((error: unknown) => error as AdministrationError);
    await this.time.run(1_000);
    return claiming;
  }
}

test("a second home with a serving member's name is refused, told where the first is, which goes on", async (t) => {
  const homes = new Homes();
  const first = await homes.start('one');
  t.false(first instanceof AdministrationError);
  // Not even a clock that is behind makes it the elder.
  const second = await homes.start('two', { since: 0 });
  t.true(second instanceof AdministrationError);
  t.like(second, { code: 'name-taken', retryable: false });
  t.regex(
    (second as AdministrationError).message,
    /another process serves as member m1 already, with its data in \/homes\/one.*under another name/,
  );
  await homes.time.run(20_000);
  t.is(homes.lost.size, 0);
});

test('the name is free again when its process has ended, and names do not disturb each other', async (t) => {
  const homes = new Homes();
  const first = await homes.start('one');
  t.false((await homes.start('three', { member: 'm3' })) instanceof AdministrationError);
  (first as NameClaim).close();
  t.false((await homes.start('two')) instanceof AdministrationError);
});

test('of two homes that start at once, one serves', async (t) => {
  const homes = new Homes();
  const both = [homes.start('one', { since: 5 }), homes.start('two', { since: 5 })];
  const refused = (await Promise.all(both)).map((outcome) => outcome instanceof AdministrationError);
  t.deepEqual(refused, [false, true]);
});

test('two that served apart from each other find out when the bus is whole, and the later one ends', async (t) => {
  const homes = new Homes();
  homes.network.reaches = (from, to) => from === to;
  t.false((await homes.start('one', { since: 10 })) instanceof AdministrationError);
  t.false((await homes.start('two', { since: 20 })) instanceof AdministrationError);
  t.is(homes.lost.size, 0);
  homes.network.reaches = () => true;
  await homes.time.run(5_000);
  t.deepEqual([...homes.lost.keys()], ['two']);
  t.is(homes.lost.get('two')?.code, 'name-taken');
});

test("late messages of a process that is dead, and bytes that are no claim, take nobody's name", async (t) => {
  const homes = new Homes();
  const publish = (value: Uint8Array): void => {
    homes.network.client('ghost').publish(subjects.claim('m1'), value);
  };
  const claiming = homes.start('one');
  const ghost = { life: 'ghost', folder: '/homes/ghost', since: 0, serving: true };
  publish(encode(ghost));
  publish(encode({ ...ghost, answers: 'an earlier life' }));
  publish(new Uint8Array([0xc1]));
  publish(encode({ life: 7 }));
  t.false((await claiming) instanceof AdministrationError);
  publish(encode({ ...ghost, answers: 'an earlier life' }));
  await homes.time.run(5_000);
  t.is(homes.lost.size, 0);
});
