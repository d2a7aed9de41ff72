/** Certificates that soon run out, to see that they are renewed in time. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivate } from '../process/index.ts';
import type { LeafOptions } from './certificate-authority.ts';
import { certificateAuthority } from './pki.ts';

/** What a member shows to clients and to other members, with the authority that signs it. */
const shown: readonly { readonly name: string; readonly authority: string; readonly usage: LeafOptions['usage'] }[] = [
  { name: 'server', authority: 'ca', usage: 'server' },
  { name: 'peer', authority: 'ca', usage: 'peer' },
  { name: 'store', authority: 'store-ca', usage: 'peer' },
];

interface BriefCertificates {
  /** Of their files, without endings. */
  readonly names: readonly string[];
  /** When they run out, wall-clock ms. */
  readonly until: number;
  /** Puts the former ones back into the folder. */
  restore(): void;
}

const dayMs = 24 * 60 * 60_000;

/**
 * Replaces those that the folder has by others for the same names, which begin now and live for `lifeMs`. A member
 * shows them from its next start on.
 */
export async function briefenCertificates(
  folder: string,
  { now, lifeMs }: { readonly now: number; readonly lifeMs: number },
): Promise<BriefCertificates> {
  const { makeLeaf } = await certificateAuthority();
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const there = shown.filter(({ name, authority }) =>
    [`${name}.crt`, `${authority}.key`].every((file) => existsSync(join(folder, file))),
  );
  const former = there
    .flatMap(({ name }) => [`${name}.key`, `${name}.crt`])
    .map((file): [string, string] => [file, read(file)]);
  for (const { name, authority, usage } of there) {
    const { subject, subjectAltName = '' } = new X509Certificate(read(`${name}.crt`));
    const made = await makeLeaf(
      { certificate: read(`${authority}.crt`), key: read(`${authority}.key`) },
      {
        subject: subject.split('\n').join(', '),
        usage,
        hosts: subjectAltName.split(', ').map((host) => host.replace(/^(DNS|IP Address):/, '')),
        now,
        days: lifeMs / dayMs,
        backdateMs: 0,
      },
    );
    writePrivate(join(folder, `${name}.key`), made.key);
    writePrivate(join(folder, `${name}.crt`), made.certificate);
  }
  return {
    names: there.map(({ name }) => name),
    until: now + lifeMs,
    restore: () => {
      for (const [file, text] of former) writePrivate(join(folder, file), text);
    },
  };
}
