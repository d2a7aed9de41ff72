/** The certificate of a node that joined from another machine, and its renewal. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificatesOf, certificateToken, isSignedBy } from '../../api-server/index.ts';
import { delay, errorMessage, type Logger } from '../../base/index.ts';
import type { Bus } from '../../bus/index.ts';
import { systemClock, systemTimers } from '../../platform/index.ts';
import { busClient } from '../../resources/index.ts';
import { type Home, writePrivate } from '../process/index.ts';
import { renewalTime } from './certificate-life.ts';
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
  /** Replaces it if another authority signed it. `authority`: PEM. Rejects when no other one is to be had now. */
  renewUnder(authority: string, options: NodeRenewalOptions): Promise<void>;
}

interface NodeRenewalOptions {
  readonly bus: Bus;
  readonly log: Logger;
  /** The node's name. */
  readonly name: string;
  /** The life of the next certificate. */
  readonly days: number;
}

/** A token is replaced after this long; it is valid for twice as long. */
const tokenMs = 5 * 60_000;
const retryMs = 60_000;
/** How often it looks at the clock: a machine that slept for weeks, or was given another time, learns it then. */
const checkMs = 60_000;
const deadlineMs = 10_000;

export function keepNodeCertificate(home: Home, cluster: string): NodeCertificate {
  return new KeptCertificate(home, cluster);
}

const requests = { group: 'certificates.k8s.io', resource: 'certificatesigningrequests' };

class KeptCertificate implements NodeCertificate {
  readonly #home: Home;
  readonly #cluster: string;
  #pair: CertificatePair;
  /** `at`: monotonic ms. */
  #token = { text: '', at: -Infinity };

  constructor(home: Home, cluster: string) {
    const files = nodeCertificateFiles(home);
    this.#home = home;
    this.#cluster = cluster;
    this.#pair = { certificate: readFileSync(files.certificate, 'utf8'), key: readFileSync(files.key, 'utf8') };
  }

  readonly token = (): string => {
    const now = systemClock.monotonic();
    if (now - this.#token.at >= tokenMs)
      this.#token = { text: certificateToken(this.#pair, this.#cluster, systemClock.now()), at: now };
    return this.#token.text;
  };

  renew(options: NodeRenewalOptions): void {
    void this.#renewForever(options);
  }

  async renewUnder(authority: string, options: NodeRenewalOptions): Promise<void> {
    const signed = isSignedBy(new X509Certificate(this.#pair.certificate), certificatesOf(authority));
    if (!signed) await this.#renewOnce(options);
  }

  #calls({ bus }: NodeRenewalOptions): RequestCalls & { close(): void } {
    const client = busClient({ bus, timers: systemTimers, cluster: this.#cluster, token: this.token, deadlineMs });
    return {
      create: async (request) => {
        await client.create(requests, request);
      },
      get: (requestName) => client.get({ ...requests, name: requestName }),
      close: () => {
        client.close();
      },
    };
  }

  async #renewForever(options: NodeRenewalOptions): Promise<never> {
    const { log, name } = options;
    for (;;) {
      const leftMs = renewalTime(this.#pair.certificate) - systemClock.now();
      await delay(systemTimers, Math.min(Math.max(leftMs, 1_000), checkMs));
      if (systemClock.now() < renewalTime(this.#pair.certificate)) continue;
      await this.#renewOnce(options).catch(async (error: unknown) => {
        log.warn("cannot renew the node's certificate yet; retrying", { node: name, error: errorMessage(error) });
        await delay(systemTimers, retryMs);
      });
    }
  }

  async #renewOnce(options: NodeRenewalOptions): Promise<void> {
    const { name, days, log } = options;
    const { request, key } = await nodeRequest({ name, days, id: `renew-${Math.floor(systemClock.now() / 1000)}` });
    const calls = this.#calls(options);
    try {
      this.#pair = { key, certificate: await issuedCertificate(calls, request, systemTimers) };
    } finally {
      calls.close();
    }
    this.#token = { text: '', at: -Infinity };
    writeNodeCertificate(this.#home, this.#pair);
    log.info("renewed the node's certificate", {
      node: name,
      until: new X509Certificate(this.#pair.certificate).validTo,
    });
  }
}
