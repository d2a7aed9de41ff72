import { delay, type Timers } from '../base/index.ts';
import type { Bus } from './bus.ts';

/** Somebody who is connected to one of the cluster's servers. */
export interface NatsConnectionInfo {
  /** What the client calls itself. */
  readonly name: string;
  /** Whom the cluster let in: the user of the API; a member's own connection has none. */
  readonly user: string | undefined;
}

/** Looks after the connections of all servers of a cluster, as their system user may. */
export interface NatsConnections {
  /** Ends those that match, at every server that answers. Answers how many. */
  end(matches: (connection: NatsConnectionInfo) => boolean): Promise<number>;
}

/** A server's answer to CONNZ, as far as it is read. */
interface ConnectionsPage {
  readonly server?: { readonly id?: string };
  readonly data?: { readonly total?: number; readonly connections?: readonly { readonly cid: number; readonly name?: string; readonly authorized_user?: string; readonly issuer_key?: string }[] };
}

const everyServer = '$SYS.REQ.SERVER.PING.CONNZ';
const kick = (serverId: string): string => `$SYS.REQ.SERVER.${serverId}.KICK`;
/** Servers that have not answered by then are passed over. */
const answersMs = 500;
const kickMs = 2_000;
const pageConnections = 16_384;

/** `bus`: connected as the servers' system user (docs.nats.io, "System events"). */
export function natsConnections(bus: Bus, timers: Timers): NatsConnections {
  return {
    end: async (matches) => {
      let ended = 0;
      for (let offset = 0, more = true; more; offset += pageConnections) {
        more = false;
        for (const { server, data } of await pages(bus, timers, offset)) {
          more ||= (data?.total ?? 0) > offset + pageConnections;
          for (const { cid, name = '', authorized_user: user, issuer_key: issuer } of data?.connections ?? []) {
            // Who came by a password of the configuration has no issuer.
            if (server?.id === undefined || !matches({ name, user: issuer === undefined ? undefined : user })) continue;
            // Without somebody to answer to the server does nothing.
            await bus.request(kick(server.id), json({ cid }), { deadlineMs: kickMs });
            ended += 1;
          }
        }
      }
      return ended;
    },
  };
}

async function pages(bus: Bus, timers: Timers, offset: number): Promise<readonly ConnectionsPage[]> {
  const inbox = bus.inbox();
  const found: ConnectionsPage[] = [];
  const subscription = bus.subscribe(inbox, ({ payload }) => {
    if (payload.byteLength > 0) found.push(JSON.parse(new TextDecoder().decode(payload)) as ConnectionsPage);
  });
  bus.publish(everyServer, json({ auth: true, limit: pageConnections, offset }), { reply: inbox });
  await delay(timers, answersMs);
  subscription.close();
  return found;
}

const json = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
