/** The connections of all NATS servers, seen and ended by their system user. */
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
  /** How many match, at all servers of the cluster; undefined unless `servers` of them answer. */
  count(matches: (connection: NatsConnectionInfo) => boolean, servers: number): Promise<number | undefined>;
}

/** A server's answer to CONNZ, as far as it is read. */
interface ConnectionsPage {
  readonly server?: { readonly id?: string };
  readonly data?: { readonly total?: number; readonly connections?: readonly ConnectionRow[] };
}

interface ConnectionRow {
  readonly cid: number;
  readonly name?: string | undefined;
  readonly authorized_user?: string | undefined;
  readonly issuer_key?: string | undefined;
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
      for await (const answers of pages(bus, timers)) {
        for (const { server, connection } of matching(answers, matches)) {
          // Without somebody to answer to the server does nothing.
          await bus.request(kick(server), json({ cid: connection.cid }), { deadlineMs: kickMs });
          ended += 1;
        }
      }
      return ended;
    },
    count: async (matches, servers) => {
      const answered = new Set<string>();
      let count = 0;
      for await (const answers of pages(bus, timers)) {
        for (const { server } of answers) if (server?.id !== undefined) answered.add(server.id);
        count += matching(answers, matches).length;
      }
      return answered.size < servers ? undefined : count;
    },
  };
}

function matching(
  answers: readonly ConnectionsPage[],
  matches: (connection: NatsConnectionInfo) => boolean,
): readonly { readonly server: string; readonly connection: ConnectionRow }[] {
  return answers.flatMap(({ server, data }) => {
    const id = server?.id;
    if (id === undefined) return [];
    // Who came by a password of the configuration has no issuer.
    const found = (data?.connections ?? []).filter(({ name = '', authorized_user: user, issuer_key: issuer }) =>
      matches({ name, user: issuer === undefined ? undefined : user }),
    );
    return found.map((connection) => ({ server: id, connection }));
  });
}

/** The connections of all servers, page by page: what each server answers about its own. */
async function* pages(bus: Bus, timers: Timers): AsyncGenerator<readonly ConnectionsPage[]> {
  for (let offset = 0, more = true; more; offset += pageConnections) {
    const answers = await page(bus, timers, offset);
    yield answers;
    more = answers.some(({ data }) => (data?.total ?? 0) > offset + pageConnections);
  }
}

async function page(bus: Bus, timers: Timers, offset: number): Promise<readonly ConnectionsPage[]> {
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
