/**
 * gRPC with the plug-ins of a machine: messages by compact tables, calls and servers over unix sockets.
 *
 *   table (text) ─ parseTable ─▶ GrpcSchema ─┬─ encode/decode ─ grpcClient ──▶ unix:…/csi.sock
 *                                            └─ serveGrpc ◀── examples and tests play a plug-in
 *
 * Contract: a message is a plain object with camelCase fields; what the sender left out reads as proto3 says ('', 0,
 * false, [], {}), an absent message or member of a oneof as undefined. Every call has a deadline. Each call opens a
 * connection of its own, so that a plug-in that was restarted is met as it is now.
 */
export { csiTable } from './csi-table.ts';
export { GrpcError, grpcService } from './unix-client.ts';
export { registrationTable } from './registration-table.ts';
export { parseTable } from './schema.ts';
export { GrpcFailure, serveGrpc } from './unix-server.ts';
export { grpcCodes } from './codes.ts';
