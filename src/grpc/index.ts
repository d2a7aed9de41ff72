/**
 * gRPC with the plug-ins of a machine: messages by compact tables, calls and servers over unix sockets.
 *
 *   table (text) ─ parseTable ─▶ GrpcSchema ─┬─ encode/decode ─ grpcClient ──▶ unix:…/csi.sock
 *                                            └─ serveGrpc ◀── examples and tests play a plug-in
 *
 * Contract: a message is a plain object with camelCase fields; what the sender left out reads as proto3 says ('', 0,
 * false, [], {}), an absent message or member of a oneof as undefined. Every call has a deadline. Calls of a plug-in
 * (grpcService) open a connection each, so that one that was restarted is met as it is now; a server that is called all
 * the time has one that is kept (grpcConnection).
 */
export { claimTable } from './claim-table.ts';
export { criTable } from './cri-table.ts';
export { deviceTable } from './device-table.ts';
export { csiTable } from './csi-table.ts';
export { grpcConnection, GrpcError, grpcService } from './unix-client.ts';
export { podResourcesTable } from './pod-resources-table.ts';
export { registrationTable } from './registration-table.ts';
export { parseTable } from './schema.ts';
export { GrpcFailure, serveGrpc } from './unix-server.ts';
export { grpcCodes } from './codes.ts';
