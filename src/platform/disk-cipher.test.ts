import { randomBytes } from 'node:crypto';
import test from 'ava';
import { CipherError } from '../base/index.ts';
import { DiskCipher } from './disk-cipher.ts';

const key = (id: number): { id: number; secret: Uint8Array } => ({ id, secret: randomBytes(32) });
const place = Buffer.from('here');

test('what a key sealed opens with it, at its place, unchanged, and nowhere else', (t) => {
  const cipher = new DiskCipher([]);
  cipher.sealWith(key(1));
  const sealed = cipher.seal(Buffer.from('secret'), place);
  t.false(Buffer.from(sealed).includes('secret'));
  t.is(Buffer.from(cipher.open(sealed, place)).toString(), 'secret');
  t.throws(() => cipher.open(sealed, Buffer.from('there')), { instanceOf: CipherError, message: /was changed/ });
  const changed = Uint8Array.from(sealed);
  changed[20] = (changed[20] ?? 0) ^ 1;
  t.throws(() => cipher.open(changed, place), { instanceOf: CipherError });
  t.throws(() => cipher.open(sealed.subarray(0, 5), place), { instanceOf: CipherError });
});

test('room in front of the sealed bytes is left as part of the same memory', (t) => {
  const cipher = new DiskCipher([]);
  cipher.sealWith(key(1));
  const plain = randomBytes(5_000);
  const [roomy, tight] = [cipher.seal(plain, place, 20), cipher.seal(plain, place)];
  t.is(roomy.length, tight.length + 20);
  roomy.fill(0xff, 0, 20);
  t.deepEqual(Uint8Array.from(cipher.open(roomy.subarray(20), place)), Uint8Array.from(plain));
});

test('a new key seals from then on, and the old one still opens', (t) => {
  const first = key(1);
  const cipher = new DiskCipher([]);
  cipher.sealWith(first);
  const old = cipher.seal(Buffer.from('a'), place);
  cipher.sealWith(key(2));
  t.is(Buffer.from(cipher.seal(Buffer.from('b'), place)).readUInt32BE(0), 2);
  t.is(Buffer.from(cipher.open(old, place)).toString(), 'a');
  t.deepEqual([...cipher.used], [1]);
  t.throws(() => new DiskCipher([key(3)]).open(old, place), { message: /data key 1, which is not among the keys/ });
});

test('the same text is never sealed to the same bytes', (t) => {
  const cipher = new DiskCipher([]);
  cipher.sealWith(key(1));
  const seen = new Set(
    Array.from({ length: 1000 }, () => Buffer.from(cipher.seal(Buffer.from('same'), place)).toString('hex')),
  );
  t.is(seen.size, 1000);
});
