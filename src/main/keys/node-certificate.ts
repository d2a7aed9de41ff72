/** The certificate of a node that joined from another machine, and its renewal. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateToken } from '../../api-server/index.ts';
import { delay, errorMessage, type Logger } from '../../base/index.ts';
import type { Bus } from '../../bus/index.ts';
import { systemClock, systemTimers } from '../../platform/index.ts';
import { busClient } from '../../resources/index.ts';
import { type Home, writePrivate } from '../process/index.ts';
import { issuedCertificate, nodeRequest, type RequestCalls } from './node-request.ts';

function nodeCertificateFiles(home: Home): { readonly certificate: string; readonly key: string } {
  return { certificate: join(home.pki, 'node.crt'), key: join(home.pki, 'node.key') };
}

/** The node that this home became when it joined a cluster; undefined for homes of members. */
export function joinedNode(home: Home): string | undefined {
  const { certificate } = nodeCertificateFiles(home);
  return existsSync(certificate)
    ? /^CN=system:node:(.+)$/m.exec(new X509Certificate(readFileSync(certificate)).subject)?.[1]
    : undefined;
}

interface CertificatePair {
  readonly certificate: string;
  readonly key: string;
}

export function writeNodeCertificate(home: Home, pair: CertificatePair): void {
  const files = nodeCertificateFiles(home);
  writePrivate(files.key, pair.key);
  writePrivate(files.certificate, pair.certificate);
}

interface NodeCertificate {
  /** A bearer token signed by the certificate's key; valid for a few minutes. */
  readonly token: () => string;
  /** Keeps replacing the certificate at two thirds of its life, without a restart. */
  renew(options: NodeRenewalOptions): void;
}

interface NodeRenewalOptions {
  readonly bus: Bus;
  readonly log: Logger;
  /** The node's name. */
  readonly name: string;
  readonly cluster: string;
  /** The life of the next certificate. */
  readonly days: number;
}

/** A token is replaced after this long; it is valid for twice as long. */
const tokenMs = 5 * 60_000;
const retryMs = 60_000;
const deadlineMs = 10_000;

/** When to replace a certificate, wall-clock ms. */
function renewalTime(certificate: string): number {
  const { validFrom, validTo } = new X509Certificate(certificate);
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  return from + ((to - from) * 2) / 3;
}

export function keepNodeCertificate(home: Home, cluster: string): NodeCertificate {
  const files = nodeCertificateFiles(home);
  let pair = { certificate: readFileSync(files.certificate, 'utf8'), key: readFileSync(files.key, 'utf8') };
  let made = { token: '', at: -Infinity };
  const token = (): string => {
    const now = systemClock.monotonic();
    if (now - made.at >= tokenMs) made = { token: certificateToken(pair, cluster, systemClock.now()), at: now };
    return made.token;
  };
  return {
    token,
    renew: ({ bus, log, name, days }) => {
      const client = busClient({ bus, timers: systemTimers, cluster, token, deadlineMs });
      const calls: RequestCalls = {
        create: async (request) => {
          await client.create({ group: 'certificates.k8s.io', resource: 'certificatesigningrequests' }, request);
        },
        get: (requestName) =>
          client.get({ group: 'certificates.k8s.io', resource: 'certificatesigningrequests', name: requestName }),
      };
      const once = async (): Promise<void> => {
        const { request, key } = await nodeRequest({ name, days, id: `renew-${Math.floor(systemClock.now() / 1000)}` });
        pair = { key, certificate: await issuedCertificate(calls, request, systemTimers) };
        made = { token: '', at: -Infinity };
        writeNodeCertificate(home, pair);
        log.info("renewed the node's certificate", {
          node: name,
          until: new X509Certificate(pair.certificate).validTo,
        });
      };
      const keep = async (): Promise<void> => {
        for (;;) {
          // A timer holds 24 days at most.
          await delay(
            systemTimers,
            Math.min(Math.max(renewalTime(pair.certificate) - systemClock.now(), 1_000), 24 * 60 * 60_000),
          );
          if (systemClock.now() < renewalTime(pair.certificate)) continue;
          await once().catch(async (error: unknown) => {
            log.warn("cannot renew the node's certificate yet; retrying", { node: name, error: errorMessage(error) });
            await delay(systemTimers, retryMs);
          });
        }
      };
      void keep();
    },
  };
}
