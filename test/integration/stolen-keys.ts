/**
 * Tries what the files of a home's pki/ and nats.json open at a member: `node stolen-keys.ts FOLDER ADDRESS CA`, where
 * CA is the file of the authority that the member shows now. Prints the names of the doors that opened, a JSON list.
 */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { createNodeTokens } from '../../src/api-server/index.ts';
import { connectNats, natsUsers } from '../../src/bus/index.ts';
import { makeLeaf } from '../../src/main/keys/certificate-authority.ts';
import { systemClock, systemRandom } from '../../src/platform/index.ts';

const [, , folder = '', address = '', caFile = ''] = process.argv;
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const { memberPassword, systemPassword } = JSON.parse(read('pki/nats.json')) as Record<string, string>;
const { token, cluster } = JSON.parse(read('nats.json')) as { token: string; cluster: string };
const waitMs = 5_000;

/** Whether the API takes it for the credential of somebody who may read Secrets, or of a node. */
function api(more: { readonly cert?: string; readonly key?: string; readonly token?: string }): Promise<boolean> {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const { token: bearer, ...pair } = more;
  return new Promise((resolve) => {
    const call = request(
      {
        ...{ host: address, port: 6443, path, method: 'POST', rejectUnauthorized: false, agent: false, ...pair },
        headers: {
          'content-type': 'application/json',
          ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        },
      },
      (response) => {
        response.resume();
        resolve((response.statusCode ?? 500) < 300);
      },
    );
    call.on('error', () => {
      resolve(false);
    });
    call.end('{}');
  });
}

async function nats(more: object): Promise<boolean> {
  const options = { servers: [`nats://${address}:4222`], pinned: true, name: 'thief', caFile, ...more };
  const opened = connectNats(options).then(
    async (bus) => {
      await bus.close();
      return true;
    },
    () => false,
  );
  return await opened;
}

const later = <T>(value: T): Promise<T> =>
  new Promise((resolve) => {
    setTimeout(() => {
      resolve(value);
    }, waitMs);
  });

interface Shown {
  readonly cert: string;
  readonly key: string;
}

/** The port of the NATS servers: whoever shows a certificate and knows the secret gets an answer to its ping. */
function route(shown: Shown): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTls({ host: address, port: 6222, rejectUnauthorized: false, ...shown });
    for (const end of ['error', 'close'])
      socket.on(end, () => {
        resolve(false);
      });
    socket.once('data', () => {
      const hello = { verbose: false, user: 'route', pass: memberPassword, name: 'thief', cluster: 'troupe' };
      socket.write(`CONNECT ${JSON.stringify(hello)}\r\nPING\r\n`);
      socket.on('data', (data: Buffer) => {
        if (data.toString('latin1').includes('PONG')) resolve(true);
      });
    });
  });
}

/** The port of the links between members: whoever is let in would have to greet, and is cut off after two seconds. */
function link(shown: Shown): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTls({ host: address, port: 6223, rejectUnauthorized: false, ...shown }, () => {
      // A server of TLS 1.3 refuses a certificate after the client's end of the handshake.
      setTimeout(() => {
        resolve(!socket.destroyed);
      }, 500);
    });
    socket.on('error', () => {
      resolve(false);
    });
  });
}

const now = Date.now();
/** A certificate that a stolen authority signs. */
async function madeBy(name: string): Promise<Shown> {
  const authority = { certificate: read(`pki/${name}.crt`), key: read(`pki/${name}.key`) };
  const details = { subject: 'O=system:masters, CN=thief', usage: 'peer', hosts: [address], now, days: 1 } as const;
  const { certificate: cert, key } = await makeLeaf(authority, details);
  return { cert, key };
}
const [madePair, madeLink] = [await madeBy('ca'), await madeBy('store-ca')];
const pair = (name: string): Shown => ({ cert: read(`pki/${name}.crt`), key: read(`pki/${name}.key`) });
const signing = { privateKey: read('pki/service-account.key') };
const nodeToken = await createNodeTokens({ signing, clock: systemClock, random: systemRandom })('n1', 600);
const doors: Readonly<Record<string, () => Promise<boolean>>> = {
  'api: administrator certificate': () => api(pair('admin')),
  'api: certificate of the stolen authority': () => api(madePair),
  'api: administrator token': () => api({ token }),
  'api: token of the stolen key': () => api({ token: nodeToken }),
  'nats: member': () => nats({ user: { name: natsUsers.member, password: () => memberPassword ?? '' } }),
  'nats: system': () => nats({ user: { name: natsUsers.system, password: () => systemPassword ?? '' } }),
  'nats: administrator token': () => nats({ token }),
  'nats: token of the stolen key': () => nats({ token: nodeToken }),
  'route: certificate and secret': () => route(pair('peer')),
  'route: certificate of the stolen authority': () => route(madePair),
  'link: certificate': () => link(pair('store')),
  'link: certificate of the stolen authority': () => link(madeLink),
};
const opened = await Promise.all(
  Object.entries(doors).map(async ([name, opens]) => ((await Promise.race([opens(), later(false)])) ? [name] : [])),
);
process.stdout.write(`${JSON.stringify({ cluster, doors: Object.keys(doors), opened: opened.flat() })}\n`);
process.exit(0);
