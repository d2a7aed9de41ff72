import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { createCredentials } from '../src/api-server/credentials.ts';
import { FakeView } from '../src/api-server/testing/index.ts';
import { seededRandom, silentLogger } from '../src/base/index.ts';
import { SimulatedTime } from '../src/platform/index.ts';
import { makeKey } from '../src/main/keys/certificate-authority.ts';
import {
  dropSigningKey,
  followSigningKeys,
  readSigningKeys,
  rotateSigningKey,
  rotationWaitMs,
  signingKeyStatus,
} from '../src/main/keys/signing-keys-folder.ts';

/** A folder with a key, and a member that reads it. */
async function place() {
  const pki = mkdtempSync(join(tmpdir(), 'troupe-signing-'));
  writeFileSync(join(pki, 'service-account.key'), await makeKey());
  const time = new SimulatedTime(Date.now());
  const member = () =>
    createCredentials({
      signing: readSigningKeys(pki),
      issuer: 'https://issuer',
      view: new FakeView(),
      clock: time,
      random: seededRandom(1),
    });
  const running = member();
  followSigningKeys(pki, { keys: running.keys, timers: time, log: silentLogger });
  const token = (seconds = 3_600): Promise<string> => running.issueAdminToken('someone', seconds);
  const holds = async (text: string): Promise<boolean> => (await running.tokens.verify(text)) !== undefined;
  const ids = async (): Promise<readonly unknown[]> => (await running.keys.jwks()).keys.map(({ kid }) => kid);
  const rotate = async () => {
    const done = rotateSigningKey(pki, time);
    while (time.waiting < 2)
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    await time.run(rotationWaitMs);
    const rotated = await done;
    await time.run(3_000);
    return rotated;
  };
  return { pki, time, member, running, token, holds, ids, rotate };
}

test('a new key signs without a restart, and tokens of the old one hold until they expire', async (t) => {
  const { pki, time, member, running, token, holds, ids, rotate } = await place();
  const old = await token();
  const before = running.keys.signing.id;
  const { signing } = await rotate();
  t.is(running.keys.signing.id, signing);
  const fresh = await token(10_000);
  t.deepEqual([await holds(old), await holds(fresh)], [true, true]);
  t.deepEqual([...(await ids())].sort(), [before, signing].sort());
  t.deepEqual(signingKeyStatus(pki), {
    signing,
    accepted: [{ id: before, file: join(pki, 'service-account-keys', `${before}.pub`) }],
  });
  t.deepEqual([...member().keys.verification.keys()].sort(), [before, signing].sort());
  await time.run(3_600_000);
  t.deepEqual([await holds(old), await holds(fresh)], [false, true]);
});

test('every member accepts a new key before one signs by it', async (t) => {
  const { pki, time, running } = await place();
  const before = running.keys.signing.id;
  const done = rotateSigningKey(pki, time);
  while (time.waiting < 2)
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  await time.run(rotationWaitMs - 100);
  t.is(running.keys.signing.id, before);
  t.is(running.keys.verification.size, 2);
  await time.run(rotationWaitMs);
  t.true(running.keys.verification.has((await done).signing));
});

test('a key that is dropped ends its tokens; the one that signs stays', async (t) => {
  const { pki, time, token, holds, rotate } = await place();
  const old = await token();
  const { signing, before } = await rotate();
  t.false(dropSigningKey(pki, signing));
  t.true(dropSigningKey(pki, before));
  await time.run(3_000);
  t.false(await holds(old));
  t.true(await holds(await token()));
});

test('keys that others put there are accepted, and a file that holds none changes nothing', async (t) => {
  const { pki, time, token, holds, ids, rotate } = await place();
  await rotate();
  const known = await ids();
  writeFileSync(join(pki, 'service-account-keys', 'broken.pub'), 'nothing');
  await time.run(3_000);
  t.deepEqual(await ids(), known);
  t.true(await holds(await token()));
});
