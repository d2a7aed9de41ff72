/**
 * How members of a store talk: the messages, the port that carries them at most once (StoreTransport), its adapter over
 * the bus, and the claim by which a process learns that another already serves under its member's name.
 */
export { busTransport, type BusTransport, type BusTransportOptions } from './bus-transport.ts';
export { claimName, type NameClaim, type NameClaimOptions } from './name-claim.ts';
export type {
  Answer,
  MemberAnswer,
  MembershipChange,
  MemberQuestion,
  Question,
  SnapshotChunk,
  SnapshotProgress,
  StoreMessage,
} from './store-message.ts';
export { afterMessages, decodeMessage, encodeMessage, type StoreTransport } from './transport.ts';
