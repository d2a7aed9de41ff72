import { join } from 'node:path';
import test from 'ava';
import { homeAt } from '../../main/index.ts';
import { ApiClient, type Outcome } from '../clients/api-client.ts';
import { fakeTroupe } from '../targets/fake-troupe.fixture.ts';
import { MemberHomes } from '../targets/member-homes.ts';
import { Impossible } from '../targets/target.ts';
import { TroupeHome } from '../targets/troupe-home.ts';
import { faultContext } from './fault.fixture.ts';
import type { FaultContext } from './fault.ts';
import { rollingUpgrade } from './upgrade-fault.ts';

/** Its one pod's container, at each look. */
class OnePod extends ApiClient {
  readonly #containers: string[];
  constructor(...containers: string[]) {
    super({ urls: [] });
    this.#containers = containers;
  }
  override call(): Promise<Outcome> {
    const status = { containerStatuses: [{ containerID: this.#containers.shift() }] };
    const text = JSON.stringify({ items: [{ metadata: { name: 'p', uid: 'u' }, status }] });
    return Promise.resolve({ type: 'answered', status: 200, text });
  }
}

async function upgraded(...containers: string[]) {
  const fakes = { earlier: fakeTroupe(), now: fakeTroupe() };
  const home = new TroupeHome(homeAt(join(fakes.earlier.folder, 'member-1')), fakes.earlier.command);
  await MemberHomes.found(home, { members: 3, nodes: 0, cluster: 'c', config: {}, env: undefined });
  Object.assign(home, { pids: () => [] });
  const context = faultContext({ fault: 'rolling-upgrade' }, new OnePod(...containers));
  const upgrade = { from: 'v0.1.0 (abc)', command: fakes.now.command };
  const asked = { ...context, target: { ...context.target, home, upgrade } } satisfies FaultContext;
  return { asked, ...fakes };
}

test('every home is stopped and started by the new program, one after the other, and pods run on', async (t) => {
  const { asked, now } = await upgraded('a', 'a');
  const { proof } = await rollingUpgrade(asked);
  t.regex(proof, /^all processes run this version, no longer v0\.1\.0 \(abc\); 1 pods ran on in the same containers$/);
  t.deepEqual(
    now.asked(),
    ['member-1', 'member-2', 'member-3'].flatMap((name) => [
      `${name}: down --keep-containers`,
      `${name}: up --nodes 0`,
    ]),
  );
});

test('containers that were started anew are told, and so is a home that does not start', async (t) => {
  const anew = await upgraded('a', 'b');
  await t.throwsAsync(rollingUpgrade(anew.asked), { message: '1 of 1 pods had their containers started anew' });
  const failing = await upgraded('a', 'a');
  failing.now.fail('up');
  await t.throwsAsync(rollingUpgrade(failing.asked), {
    message: 'member-1 was not upgraded: troupe up --nodes 0: it is told to fail',
  });
});

test('without a tag there is nothing to begin with, and the report says so', async (t) => {
  const { asked } = await upgraded('a');
  const target = { ...asked.target, upgrade: 'no tag is reachable from here' };
  await t.throwsAsync(rollingUpgrade({ ...asked, target }), {
    instanceOf: Impossible,
    message: 'no tag is reachable from here',
  });
});
