/**
 * The bus: how processes of a cluster talk. Subjects and bytes, at most once; what must not be lost is in the store.
 *
 *   member ──┐                ┌── node agent
 *   member ──┼── nats-server ─┼── any NATS client
 *   member ──┘                └── …
 *
 * Contract: `Bus` (bus.ts) with two adapters, NATS and a simulated twin, that pass one suite. Payloads are msgpack
 * (codec.ts); every subject is made in subjects.ts. Members that write much to each other link directly
 * (peer-links.ts), found over the bus. A member runs its own nats-server child (nats-server.ts) or is given servers.
 */
export { type Bus, BusError, type BusMessage, type Subscription } from './bus.ts';
export { decode, decodeIfWhole, encode } from './codec.ts';
export { FramedSocket } from './framed-socket.ts';
export { connectNats, type NatsBusOptions } from './nats-bus.ts';
export {
  connectionRequest,
  connectionSubject,
  type ConnectionRequest,
  createNatsIssuer,
  makeIssuerSeed,
  type NatsIssuer,
  type SubjectPermissions,
} from './nats-claims.ts';
export { type NatsConnectionInfo, type NatsConnections, natsConnections } from './nats-connections.ts';
export {
  type NatsRoutes,
  type NatsServer,
  type NatsServerOptions,
  natsUsers,
  type RolesAuthorization,
  type NatsTlsFiles,
  startNatsServer,
} from './nats-server.ts';
export { announcedMember, openPeerLinks, type PeerLinks } from './peer-links.ts';
export { SimulatedNetwork } from './simulated-bus.ts';
export { inboxPrefixOf, memberInboxPrefix, type Subjects, subjectsOf } from './subjects.ts';
