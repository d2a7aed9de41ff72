import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import { silentLogger } from '../../../base/index.ts';
import { encode, SimulatedNetwork, subjectsOf } from '../../../bus/index.ts';
import { SimulatedTime } from '../../../platform/index.ts';
import { type KeyRotation, keyRotation, type SigningKeyFiles } from './key-rotation.ts';
import { signingKeyId, signingKeys, type SigningKeys } from './signing-keys.ts';

const subjects = subjectsOf('test');
const names = ['m1', 'm2', 'm3'] as const;
const makeKey = (): string =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
const firstKey = makeKey();

interface Machine {
  readonly keys: SigningKeys;
  readonly rotation: KeyRotation;
  /** Each order that it took, with the keys that any member signed by at that moment. */
  readonly orders: string[];
}

/** Members on machines of their own, whose files are in memory. */
function machines(alive: readonly string[] = names): {
  readonly all: ReadonlyMap<string, Machine>;
  readonly time: SimulatedTime;
  readonly network: SimulatedNetwork;
} {
  const time = new SimulatedTime(0, 20);
  const network = new SimulatedNetwork(time);
  const all = new Map<string, Machine>();
  for (const member of names) {
    const orders: string[] = [];
    const held = { privateKey: firstKey, accepted: new Map<string, string>() };
    const now = (type: string): { privateKey: string; olderPublicKeys: string[] } => {
      orders.push(type);
      return { privateKey: held.privateKey, olderPublicKeys: [...held.accepted.values()] };
    };
    const files: SigningKeyFiles = {
      accept: (pem) => {
        held.accepted.set(signingKeyId(pem), pem);
        return now('accept');
      },
      sign: (pem) => {
        createPrivateKey(pem);
        held.accepted.set(signingKeyId(held.privateKey), held.privateKey);
        held.privateKey = pem;
        return now('sign');
      },
      drop: (id) => {
        held.accepted.delete(id);
        return now('drop');
      },
    };
    const keys = signingKeys({ privateKey: firstKey });
    all.set(member, {
      keys,
      orders,
      rotation: keyRotation({
        bus: network.client(member),
        subjects,
        member,
        keys,
        files,
        makeKey: () => Promise.resolve(makeKey()),
        log: silentLogger,
        members: () => ({ all: names, alive }),
      }),
    });
  }
  return { all, time, network };
}

const rotationOf = (all: ReadonlyMap<string, Machine>, name: string): KeyRotation =>
  (all.get(name) as Machine).rotation;
const signing = (all: ReadonlyMap<string, Machine>): readonly string[] => [
  ...new Set([...all.values()].map(({ keys }) => keys.signing.id)),
];

/** Lets time pass until the promise is settled. */
async function settled<T>(time: SimulatedTime, promise: Promise<T>): Promise<T> {
  let done = false;
  const finish = (): void => {
    done = true;
  };
  promise.then(finish, finish);
  for (let i = 0; i < 200 && !done; i++) {
    await time.run(100);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  return promise;
}

test('a new key signs on every member once all accept it; the old one is accepted until it is dropped', async (t) => {
  const { all, time } = machines();
  const { signing: fresh, before } = await settled(time, rotationOf(all, 'm2').rotate());
  t.is(before, signingKeyId(firstKey));
  t.deepEqual(signing(all), [fresh]);
  for (const { keys, orders } of all.values()) {
    t.deepEqual(orders, ['accept', 'sign']);
    t.true(keys.verification.has(before));
  }
  await settled(time, rotationOf(all, 'm1').drop(before));
  t.true([...all.values()].every(({ keys }) => !keys.verification.has(before)));
});

test('while a member is not heard nothing changes, and the key that signs is not dropped', async (t) => {
  const { all, time } = machines(['m1', 'm2']);
  await t.throwsAsync(settled(time, rotationOf(all, 'm1').rotate()), {
    message: 'm3 must be alive: every member has to know the keys',
  });
  t.true([...all.values()].every(({ orders }) => orders.length === 0));
  const whole = machines();
  const first = rotationOf(whole.all, 'm1');
  await t.throwsAsync(first.drop(signingKeyId(firstKey)), { message: /signs; rotate first/ });
  await t.throwsAsync(first.drop('nobody'), { message: 'there is no key nobody' });
});

test('when a member does not answer nobody signs by the new key, and it can be done again', async (t) => {
  const { all, time } = machines();
  rotationOf(all, 'm3').close();
  await t.throwsAsync(settled(time, rotationOf(all, 'm1').rotate()), {
    message: /^m3 did not take the change of keys .*do it again$/,
  });
  t.deepEqual(signing(all), [signingKeyId(firstKey)]);
});

test('what is no order, or no key, is refused and changes nothing', async (t) => {
  const { all, time, network } = machines();
  const bus = network.client('somebody');
  for (const order of [
    { type: 'steal', key: 'x' },
    { type: 'sign', key: 'no key' },
    { type: 'accept', key: 7 },
  ]) {
    const { payload } = await settled(time, bus.request(subjects.keys('m1'), encode(order), { deadlineMs: 1_000 }));
    t.true(payload.length > 1);
  }
  t.deepEqual(signing(all), [signingKeyId(firstKey)]);
});
