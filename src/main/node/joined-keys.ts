/** What a node that joined from another machine does when the authorities of the cluster change. */
import { join } from 'node:path';
import { certificateTexts } from '../../api-server/index.ts';
import type { keepNodeCertificate } from '../keys/index.ts';
import { type Home, readNatsFile, writePrivate } from '../process/index.ts';

type NodeCertificate = ReturnType<typeof keepNodeCertificate>;

export interface JoinedKeys {
  /** Believes these authorities (PEM) from the next connection on. */
  trust(authorities: string): void;
  /** Has a certificate of the first of them. Rejects when none is to be had now. */
  renew(authorities: string): Promise<void>;
}

export function joinedKeys(
  home: Home,
  parts: {
    readonly certificate: NodeCertificate;
    readonly renewal: Parameters<NodeCertificate['renewUnder']>[1];
  },
): JoinedKeys {
  return {
    trust: (ca) => {
      writePrivate(join(home.pki, 'ca.crt'), ca);
      writePrivate(home.natsFile, `${JSON.stringify({ ...readNatsFile(home), ca }, undefined, 2)}\n`);
    },
    renew: (authorities) => parts.certificate.renewUnder(certificateTexts(authorities)[0] ?? '', parts.renewal),
  };
}
