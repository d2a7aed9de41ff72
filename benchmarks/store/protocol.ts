/** The messages between a load process and the members of a benchmark. */
import { Packr } from 'msgpackr';

/**
 * What a load process and the members of a benchmark say to each other. The number in front finds the answer's place.
 */
export type Request =
  | readonly [id: number, type: 'put' | 'create', key: string, value: Uint8Array]
  /** Writes where the key still has this revision; 0: where it is absent. */
  | readonly [id: number, type: 'swap', key: string, value: Uint8Array, revision: number]
  | readonly [id: number, type: 'get', key: string]
  | readonly [id: number, type: 'status' | 'hash' | 'metrics' | 'facts' | 'compact']
  | readonly [id: number, type: 'add-learner' | 'transfer', member: string]
  | readonly [id: number, type: 'events', prefix: string, after: number]
  /** Answered again and again with rows as they come; -2 ends it. */
  | readonly [id: number, type: 'stream', prefix: string, after: number]
  | readonly [id: number, type: 'watch', watchers: number];

/**
 * `revision` -1: a precondition did not hold; -2: it failed, and the detail says why, with the error's code at its end.
 */
export type Answer = readonly [id: number, revision: number, detail?: Uint8Array | string | null];

/** What a member's process has used; the pause is the longest one of its event loop since the last question. */
export interface Facts {
  readonly cpuMs: number;
  readonly residentBytes: number;
  readonly pauseMs: number;
}

export interface MemberConfig {
  readonly member: string;
  readonly voters: readonly string[];
  readonly servers: readonly string[];
  readonly token: string;
  readonly folder: string;
  readonly logFile?: string;
  /** Members talk over links of their own, and clients over this port. */
  readonly clientPort?: number;
  /** Where this member listens; default loopback. */
  readonly host?: string;
  readonly segmentBytes?: number;
}

/** One change of the store's history: what `events` and `stream` answer, as JSON, oldest first. */
export type HistoryRow = readonly [revision: number, type: 'put' | 'delete', key: string, value: string];

/** Changes that one answer holds at most. */
export const historyRowsMax = 5_000;

export const frameBytesMax = 16 * 1024 * 1024;

export const requestSubject = (member: string): string => `bench.member.${member}`;

const codec = new Packr({ useRecords: false });
export const pack = (value: readonly (Request | Answer)[]): Uint8Array => codec.pack(value);
export const unpack = <T>(payload: Uint8Array): readonly T[] => codec.unpack(payload) as T[];
