/**
 * Streams between doors and pods: logs, exec, attach, port-forward (src/protocol/node-stream.ts).
 *
 * Contract: what can be refused is refused, with a metav1.Status, before a stream is opened. Frames are numbered and
 * windowed; a slow reader slows the program, never the agent's memory. A stream ends with its door.
 */
export { serveStreams } from './stream-server.ts';
