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

/** The key and the client certificate of a node that joined from another machine: all that it needs to be believed. */
export function nodeCertificateFiles(home: Home): { readonly certificate: string; readonly key: string } {
  return { certificate: join(home.pki, 'node.crt'), key: join(home.pki, 'node.key') };
}

/** The node that this home became when it joined a cluster; undefined for homes of members. */
export function joinedNode(home: Home): string | undefined {
  const { certificate } = nodeCertificateFiles(home);
  return existsSync(certificate)
    ? /^CN=system:node:(.+)$/m.exec(new X509Certificate(readFileSync(certificate)).subject)?.[1]
    : undefined;
}

export function writeNodeCertificate(home: Home, pair: { readonly certificate: string; readonly key: string }): void {
  const files = nodeCertificateFiles(home);
  writePrivate(files.key, pair.key);
  writePrivate(files.certificate, pair.certificate);
}

export interface NodeCertificate {
  /** A bearer token made with the certificate's key; good for a few minutes. */
  readonly token: () => string;
  /** Goes on replacing the certificate at two thirds of its life, without a restart. */
  renew(ports: {
    readonly bus: Bus;
    readonly log: Logger;
    readonly name: string;
    readonly cluster: string;
    readonly days: number;
  }): void;
}

/** A token is made anew after this long; it would hold twice as long. */
const tokenMs = 5 * 60_000;
const retryMs = 60_000;
const deadlineMs = 10_000;

/** When a certificate is to be replaced, wall-clock ms. */
export function renewalTime(certificate: string): number {
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
        log.info("the node's certificate was renewed", {
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
            log.warn("the node's certificate could not be renewed yet", { node: name, error: errorMessage(error) });
            await delay(systemTimers, retryMs);
          });
        }
      };
      void keep();
    },
  };
}
