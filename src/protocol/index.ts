/**
 * Messages that cross machines. Types only say what is meant; whoever receives bytes parses them first.
 *
 * - api-request.ts: the NATS door, the same verbs and bodies as HTTP.
 * - node-stream.ts: logs, exec, attach and port-forward between a door and a node's agent, with flow control.
 */
export { type ApiReply, type ApiRequest, type ApiVerb, apiVerbs, type ControlMessage, doorHeaders, type StreamMessage } from './api-request.ts';
export {
  type LogOptions,
  type OpenStream,
  streamFrameBytesMax,
  type StreamFrame,
  type StreamOpened,
  type StreamRefused,
  streamWindowFrames,
} from './node-stream.ts';
