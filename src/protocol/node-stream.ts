/** Streams between a door and a node's agent: logs, exec, attach, port-forward and what a kubelet serves. */

/**
 * Streams between a door and a node's agent (logs, exec, attach, port-forward, the kubelet's paths), over the bus.
 *
 *   door  -- request on node.<name>.stream: OpenStream ------------> agent
 *   door  <- reply: StreamOpened {toAgent} or StreamRefused {status} -
 *   door  <- frames on `toDoor`        frames on `toAgent` --------> agent
 *
 * Each side numbers its frames from 1; a gap ends the stream. A side sends at most `window` data frames ahead of the
 * last `acknowledged` it got. `end` closes a channel (or, without channel, the stream).
 */
export interface OpenStream {
  readonly type: 'logs' | 'exec' | 'attach' | 'port-forward' | 'kubelet';
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly container: string;
  /** exec: the command; attach/exec: stdin, stdout, stderr, tty. */
  readonly command?: readonly string[] | undefined;
  readonly stdin?: boolean | undefined;
  readonly stdout?: boolean | undefined;
  readonly stderr?: boolean | undefined;
  readonly tty?: boolean | undefined;
  readonly logs?: LogOptions | undefined;
  readonly port?: number | undefined;
  /** kubelet: what is asked for, with the query. The texts that name a pod are empty. */
  readonly path?: string | undefined;
  /** The subject on which the door listens for frames. */
  readonly toDoor: string;
}

/** PodLogOptions of core/v1. */
export interface LogOptions {
  readonly follow?: boolean | undefined;
  readonly previous?: boolean | undefined;
  readonly timestamps?: boolean | undefined;
  readonly tailLines?: number | undefined;
  readonly limitBytes?: number | undefined;
  readonly sinceSeconds?: number | undefined;
  readonly sinceTime?: string | undefined;
}

export interface StreamOpened {
  readonly type: 'opened';
  readonly toAgent: string;
  /** kubelet: the head of the answer, whose body comes on channel 1. */
  readonly answer?: AnswerHead | undefined;
}

export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** `status` is a metav1.Status. */
export interface StreamRefused {
  readonly type: 'refused';
  readonly status: unknown;
}

/**
 * Channels as in channel.k8s.io: 0 stdin, 1 stdout, 2 stderr, 3 error (a metav1.Status in JSON), 4 resize ({Width,
 * Height} in JSON).
 */
export type StreamFrame =
  | { readonly type: 'data'; readonly seq: number; readonly channel: number; readonly data: Uint8Array }
  | { readonly type: 'end'; readonly seq: number; readonly channel?: number | undefined }
  | { readonly type: 'acknowledged'; readonly seq: number };

/** Data frames that may be under way without an acknowledgement. */
export const streamWindowFrames = 64;
/** The largest `data` of one frame, in bytes. */
export const streamFrameBytesMax = 32 * 1024;
