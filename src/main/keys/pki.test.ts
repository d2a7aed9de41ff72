import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ensurePki, newAuthority, type PkiOptions } from './pki.ts';

const dayMs = 24 * 60 * 60_000;
const options = (now: number, hosts: readonly string[] = ['10.96.0.1']): PkiOptions => ({
  folder: mkdtempSync(join(tmpdir(), 'troupe-pki-')),
  cluster: 'test',
  now,
  hosts,
});

test('a new home gets an authority, certificates that it signed, and private files', async (t) => {
  const first = options(Date.now());
  const pki = await ensurePki(first);
  const server = new X509Certificate(pki.serverCertificate);
  t.true(server.verify(new X509Certificate(pki.ca).publicKey));
  t.is(server.checkIP('10.96.0.1'), '10.96.0.1');
  t.is(server.checkHost('kubernetes.default.svc'), 'kubernetes.default.svc');
  t.regex(new X509Certificate(pki.adminCertificate).subject, /O=system:masters/);
  for (const file of ['ca.key', 'server.key', 'admin.key', 'service-account.key', 'ca.crt'])
    t.is(statSync(join(first.folder, file)).mode & 0o777, 0o600, file);
  t.deepEqual(await ensurePki(first), pki, 'what is there and good is kept');
});

test('certificates past two thirds of their life are made anew under the same authority', async (t) => {
  const first = options(Date.now());
  const old = await ensurePki(first);
  const renewed = await ensurePki({ ...first, now: first.now + 250 * dayMs });
  t.is(renewed.ca, old.ca);
  t.not(renewed.serverCertificate, old.serverCertificate);
  t.is(renewed.serviceAccountKey, old.serviceAccountKey, 'tokens that were issued stay good');
});

test('another address of the machine makes another server certificate', async (t) => {
  const first = options(Date.now());
  const old = await ensurePki(first);
  const moved = await ensurePki({ ...first, hosts: ['10.96.0.1', '203.0.113.7'] });
  t.not(moved.serverCertificate, old.serverCertificate);
  t.is(new X509Certificate(moved.serverCertificate).checkIP('203.0.113.7'), '203.0.113.7');
  t.is(moved.adminCertificate, old.adminCertificate);
});

test('an authority is never replaced by itself, however old it is', async (t) => {
  const first = options(Date.now());
  const old = await ensurePki(first);
  const late = await ensurePki({ ...first, now: first.now + 3_000 * dayMs });
  t.is(late.ca, old.ca);
  t.is(late.frontProxy.ca, old.frontProxy.ca);
});

test('another authority signs every certificate anew, and the one before stays believed beside it', async (t) => {
  const first = options(Date.now());
  const old = await ensurePki(first);
  const fresh = await newAuthority('ca', { cluster: 'test', now: first.now, id: '2' });
  writeFileSync(join(first.folder, 'ca.key'), fresh.key);
  writeFileSync(join(first.folder, 'ca.crt'), `${fresh.certificate}${old.ca}`);
  const pki = await ensurePki(first);
  t.is(pki.authority.certificate, fresh.certificate);
  for (const certificate of [pki.serverCertificate, pki.adminCertificate])
    t.true(new X509Certificate(certificate).verify(new X509Certificate(fresh.certificate).publicKey));
  t.is(pki.ca, `${fresh.certificate}${old.ca}`);
  t.is(pki.frontProxy.certificate, old.frontProxy.certificate);
});

const signedBy = (certificate: string, authority: string): boolean =>
  new X509Certificate(certificate).verify(new X509Certificate(authority).publicKey);

test('the links between stores have an authority of their own, which signs nothing else', async (t) => {
  const { store, ...pki } = await ensurePki({ ...options(Date.now()), peerHost: '192.0.2.1' });
  t.true(signedBy(store?.certificate ?? '', store?.ca ?? ''));
  t.false(signedBy(store?.certificate ?? '', pki.ca));
  for (const other of [pki.serverCertificate, pki.adminCertificate]) t.false(signedBy(other, store?.ca ?? ''));
  t.is(new X509Certificate(store?.certificate ?? '').checkIP('192.0.2.1'), '192.0.2.1');
});

test('where links had no authority of their own, a member shows what the others believe', async (t) => {
  const first = { ...options(Date.now()), peerHost: '192.0.2.1' };
  const file = (name: string): string => join(first.folder, name);
  const founded = await ensurePki(first);
  for (const name of ['store-ca.crt', 'store-ca.key', 'store.crt', 'store.key']) rmSync(file(name));
  const old = await ensurePki(first);
  t.is(old.store?.ca, founded.ca);
  t.true(signedBy(old.store?.certificate ?? '', founded.ca));
  t.false(existsSync(file('store-ca.key')), 'another member would not believe it');
  // The first step of a rotation: both are believed, and the old one signs.
  const fresh = await newAuthority('store-ca', { cluster: 'test', now: first.now, id: '2' });
  writeFileSync(file('store-ca.crt'), `${founded.ca}${fresh.certificate}`);
  const both = await ensurePki(first);
  t.is(both.store?.ca, `${founded.ca}${fresh.certificate}`);
  t.is(both.store?.certificate, old.store?.certificate);
  writeFileSync(file('store-ca.key'), fresh.key);
  writeFileSync(file('store-ca.crt'), `${fresh.certificate}${founded.ca}`);
  t.true(signedBy((await ensurePki(first)).store?.certificate ?? '', fresh.certificate));
});
