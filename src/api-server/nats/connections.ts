/** Answers NATS servers that ask whether to let a client in. */
import { StatusError } from '../../api/index.ts';
import { type Clock, errorMessage, type Logger } from '../../base/index.ts';
import {
  type Bus,
  connectionRequest,
  type ConnectionRequest,
  connectionSubject,
  type NatsIssuer,
  type Subjects,
} from '../../bus/index.ts';
import type { ResourceCatalogue, Requester } from '../../resources/index.ts';
import { type Authenticator, type Authorizer, mastersGroup, tokenEnd } from '../auth/index.ts';
import { noBytes } from '../request.ts';
import { connectionPermissions, nodeOf } from './connection-permissions.ts';

interface ConnectionPorts {
  readonly bus: Bus;
  readonly issuer: NatsIssuer;
  readonly subjects: Subjects;
  readonly clock: Clock;
  readonly log: Logger;
  readonly authenticate: Authenticator;
  readonly authorize: Authorizer;
  readonly catalogue: ResourceCatalogue;
}

const queueGroup = 'connections';
/** Connections end after this time, so that their rights are checked again when they reconnect. */
const nodeConnectionMs = 24 * 60 * 60_000;
const clientConnectionMs = 60 * 60_000;

/** Tells NATS servers who may connect and to which subjects, by the bearer tokens that the API takes. */
export function answerConnections(ports: ConnectionPorts): { close(): void } {
  return ports.bus.subscribe(
    connectionSubject,
    ({ payload, reply }) => {
      const asked = connectionRequest(payload);
      if (asked === undefined || reply === undefined) return;
      judge(ports, asked)
        .catch((error: unknown) => {
          ports.log.error('cannot judge a NATS connection', { client: asked.clientName, error: errorMessage(error) });
          return ports.issuer.refuse(asked, 'the connection cannot be judged at the moment', ports.clock.now());
        })
        .then((answer) => {
          ports.bus.publish(reply, answer);
        })
        .catch((error: unknown) => {
          ports.log.error('cannot answer a NATS server', { error: errorMessage(error) });
        });
    },
    { queue: queueGroup },
  );
}

async function judge(ports: ConnectionPorts, asked: ConnectionRequest): Promise<Uint8Array> {
  const now = ports.clock.now();
  const user = asked.token === undefined ? undefined : await userOf(ports, asked.token);
  if (user === undefined)
    return ports.issuer.refuse(asked, 'a bearer token of the API is needed as the NATS token', now);
  const permissions = await connectionPermissions(
    { subjects: ports.subjects, authorize: ports.authorize, resources: ports.catalogue.all() },
    user,
  );
  return ports.issuer.grant(asked, { name: user.name, ...permissions, ...expiryOf(user, asked.token ?? '', now) }, now);
}

async function userOf({ authenticate }: ConnectionPorts, token: string): Promise<Requester | undefined> {
  try {
    return await authenticate({
      method: 'GET',
      path: '/',
      query: '',
      headers: { authorization: `Bearer ${token}` },
      body: noBytes,
    });
  } catch (error) {
    if (error instanceof StatusError && error.code === 401) return undefined;
    throw error;
  }
}

function expiryOf(user: Requester, token: string, now: number): { readonly expiresAt?: number } {
  if (nodeOf(user) !== undefined) return { expiresAt: now + nodeConnectionMs };
  const endsAt = tokenEnd(token);
  if (user.groups.includes(mastersGroup)) return endsAt === undefined ? {} : { expiresAt: endsAt };
  return { expiresAt: Math.min(now + clientConnectionMs, endsAt ?? Infinity) };
}
