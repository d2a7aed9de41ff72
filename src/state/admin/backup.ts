/** Backups: a stream of the state with a hash at its end, verified and restored. */
import { Packr } from 'msgpackr';
import {
  delay,
  type Disk,
  errorMessage,
  FormatError,
  type LogIndex,
  type Random,
  type Revision,
  type Term,
  type Timers,
} from '../../base/index.ts';
import { type HashFormat, type KeySpace, type KeySpaceOptions, stateHash, StateHasher } from '../../mvcc/index.ts';
import {
  crc32c,
  type KeptMark,
  openWriteAheadLog,
  type WriteAheadLogOptions,
  writeSnapshot,
} from '../../raft/wal/index.ts';
import { AdministrationError } from '../administration.ts';
import type { FolderLock } from '../options.ts';
import { drawName } from '../identity.ts';
import { leaveLostRevisions, newTimeline } from './new-timeline.ts';
import { withFolder } from '../folder.ts';
import { type StateMachine, StateMachineDecoder } from '../state-machine.ts';

/*
 * A backup is a stream of records: length u32 | crc u32 | bytes. The first holds the head, then come the chunks of the
 * state, and the last, which begins with no chunk's first byte, holds the number of chunks and the hash of the state: a
 * stream without it is not whole.
 */
const codec = new Packr({ useRecords: false, variableMapSize: true });
const magic = 'troupe-backup';
/** In format 1 the hash saw neither indexes nor expiries, and a key with many versions made one large record. */
const format = 2;
const formats = [1, 2] as const;
const leadBytes = 8;
/** More than all versions of one key that the past holds. */
const recordBytesMax = 128 * 1024 * 1024;

/** What a backup says of itself. */
export interface BackupHead {
  readonly format: number;
  /** The cluster it was taken of; '' when the store was opened without its name. */
  readonly cluster: string;
  /** The timeline it was taken of; older backups do not say. */
  readonly timeline?: string | undefined;
  /** The member that gave it. */
  readonly member: string;
  readonly revision: Revision;
  readonly index: LogIndex;
  readonly term: Term;
  /** Wall-clock ms since 1970. */
  readonly takenAt: number;
}

export interface BackupReport extends BackupHead {
  readonly keys: number;
  /** The hash of the state, as all members have it at this revision. */
  readonly hash: string;
  readonly bytes: number;
}

interface Tail {
  readonly end: true;
  readonly chunks: number;
  readonly hash: string;
}

function record(value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(leadBytes + value.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, value.length);
  view.setUint32(4, crc32c(value));
  bytes.set(value, leadBytes);
  return bytes;
}

/** The state of the moment of the first read, as a stream of bytes, made in steps while the store goes on serving. */
export async function* backupStream(
  moment: () => { readonly machine: StateMachine; readonly head: Omit<BackupHead, 'format'> },
  timers: Timers,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { machine, head } = moment();
  const hasher = new StateHasher(machine.space);
  const source = machine.snapshot();
  try {
    yield record(codec.pack([magic, { format, ...head }]));
    let chunks = 0;
    for (let chunk = source.next(); chunk !== undefined; chunk = source.next()) {
      chunks += 1;
      yield record(chunk);
      await delay(timers, 0);
    }
    while (!hasher.step()) await delay(timers, 0);
    const tail: Tail = { end: true, chunks, hash: hasher.digest };
    yield record(codec.pack(tail));
  } finally {
    source.close();
    hasher.close();
  }
}

/** Cuts a stream of any pieces into its records. Throws AdministrationError `damaged`. */
async function* recordsOf(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = Buffer.alloc(0);
  for await (const piece of source) {
    left = left.length === 0 ? Buffer.from(piece) : Buffer.concat([left, piece]);
    while (left.length >= leadBytes) {
      const length = left.readUInt32BE(0);
      if (length > recordBytesMax)
        throw new AdministrationError('damaged', `the backup has a record of ${length} bytes`);
      if (left.length < leadBytes + length) break;
      const value = left.subarray(leadBytes, leadBytes + length);
      if (crc32c(value) !== left.readUInt32BE(4))
        throw new AdministrationError('damaged', 'a record of the backup has a wrong checksum');
      yield Uint8Array.from(value);
      left = left.subarray(leadBytes + length);
    }
  }
  if (left.length > 0) throw new AdministrationError('damaged', 'the backup ends within a record');
}

function headOf(value: Uint8Array): BackupHead {
  const [found, head] = unpacked(value) as [unknown, BackupHead];
  if (found !== magic) throw new AdministrationError('damaged', 'these bytes are not a backup of a store');
  if (!formats.some((known) => known === head.format))
    throw otherFormat(new FormatError('the backup', head.format, formats));
  return head;
}

function unpacked(value: Uint8Array): unknown {
  try {
    const found: unknown = codec.unpack(value);
    return Array.isArray(found) || (typeof found === 'object' && found !== null) ? found : [];
  } catch {
    return [];
  }
}

const isTail = (value: unknown): value is Tail =>
  typeof value === 'object' && value !== null && 'end' in value && value.end === true;

interface Read {
  readonly report: BackupReport;
  readonly machine: StateMachine;
}

async function readBackup(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  history: KeySpaceOptions = {},
): Promise<Read> {
  const decoder = new StateMachineDecoder(history);
  let count = 0;
  let head: BackupHead | undefined;
  let tail: Tail | undefined;
  let bytes = 0;
  let held: Uint8Array | undefined;
  const take = (chunk: Uint8Array): void => {
    decode(decoder, chunk);
    count += 1;
  };
  for await (const value of recordsOf(source)) {
    bytes += leadBytes + value.length;
    if (head === undefined) head = headOf(value);
    else {
      if (held !== undefined) take(held);
      held = value;
    }
  }
  const last = held === undefined ? undefined : unpacked(held);
  if (isTail(last)) tail = last;
  if (head === undefined || tail?.chunks !== count)
    throw new AdministrationError('damaged', 'the backup is not whole: its end is missing');
  const machine = decoder.finish();
  const hash = hashOf(machine.space, head.format === 1 ? 1 : 2);
  if (hash !== tail.hash)
    throw new AdministrationError('damaged', `the state's hash is ${hash}, the backup was made of ${tail.hash}`);
  return { report: { ...head, keys: machine.space.count(''), hash: hashOf(machine.space, 2), bytes }, machine };
}

const otherFormat = (error: FormatError): AdministrationError =>
  new AdministrationError(error.code, error.message, error);

/** Bytes whose checksum is right can still be no state: of another program, or of a later format. */
function decode(decoder: StateMachineDecoder, chunk: Uint8Array): void {
  try {
    decoder.add(chunk);
  } catch (error) {
    if (error instanceof FormatError) throw otherFormat(error);
    throw new AdministrationError(
      'damaged',
      `the backup holds no state that this program reads: ${errorMessage(error)}`,
      error,
    );
  }
}

const hashOf = (space: KeySpace, hashFormat: HashFormat): string => stateHash(space, space.revision, hashFormat);

/**
 * Reads a backup to its end and checks every checksum, its completeness and the hash of the state. Rejects with
 * AdministrationError `damaged`, `newer-format`.
 */
export async function verifyBackup(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<BackupReport> {
  return (await readBackup(source)).report;
}

export interface RestoreOptions extends Pick<WriteAheadLogOptions, 'disk' | 'clock' | 'log'> {
  /** Whose folder it becomes: one of the voters. */
  readonly member: string;
  readonly random: Pick<Random, 'uuid'>;
  /** How the timeline is called that begins; needed, and the same on each, where several members vote. */
  readonly timeline?: string | undefined;
  /** Keeps other processes out of the folder meanwhile. */
  readonly lock?: FolderLock | undefined;
  /** The store's folder to be: it must not hold a store. */
  readonly folder: string;
  readonly source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Who votes in the restored store; each of them restores the same backup before any of them starts. */
  readonly voters: readonly string[];
  /** Refuses a backup of another cluster. */
  readonly cluster?: string | undefined;
  readonly history?: KeySpaceOptions | undefined;
  readonly segmentBytes?: number | undefined;
}

export interface RestoreReport extends BackupReport {
  /** The timeline that begins with the restored state. */
  readonly timeline: string;
  /** Where the revisions go on: whoever watches from an older one is told to read again. */
  readonly continuesAt: Revision;
}

/**
 * Makes a store's folder from a backup, checked whole before anything is written. The store then opens as if it had
 * just taken a snapshot, with another membership, and with it a new timeline begins. Rejects with AdministrationError
 * `not-empty`, `damaged`, `newer-format`, `foreign`, `timeline`, `unknown-member`; DiskError.
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport> {
  const { disk, folder } = options;
  await disk.makeFolder(folder);
  return withFolder(options, () => restore(options));
}

async function restore(options: RestoreOptions): Promise<RestoreReport> {
  const { disk, folder, voters, cluster, member, random, clock } = options;
  if (!voters.includes(member))
    throw new AdministrationError('unknown-member', `${member} is not among the voters ${voters.join(', ')}`);
  const timeline = newTimeline(options);
  if (await holdsStore(disk, folder))
    throw new AdministrationError(
      'not-empty',
      `${folder} holds a store already; move it away first, or restore into a fresh home`,
    );
  const { report, machine } = await readBackup(options.source, options.history);
  if (cluster !== undefined && report.cluster !== '' && report.cluster !== cluster) {
    throw new AdministrationError('foreign', `the backup is of cluster ${report.cluster}, not of ${cluster}`);
  }
  leaveLostRevisions(machine, { since: report.takenAt, now: clock.now() });
  const mark = {
    index: report.index,
    term: report.term,
    configuration: { voters: [...voters].sort(), outgoing: [], learners: [] },
    identity: { member, timeline, incarnation: drawName(random) },
  };
  await writeState(options, mark, machine);
  return { ...report, timeline, continuesAt: machine.space.revision };
}

/** Whether the folder holds anything of a store. */
export async function holdsStore(disk: Disk, folder: string): Promise<boolean> {
  const found = [...(await disk.list(`${folder}/log`)), ...(await disk.list(`${folder}/snapshots`))];
  return found.some((name) => name.endsWith('.log') || name.endsWith('.snapshot'));
}

/** A snapshot and a log that begins behind it. The snapshot is in place first: the log alone would be refused. */
export async function writeState(
  options: Pick<RestoreOptions, 'disk' | 'folder' | 'clock' | 'log' | 'segmentBytes'>,
  mark: KeptMark,
  machine: StateMachine,
): Promise<void> {
  const { disk, folder, clock, log, segmentBytes } = options;
  const source = machine.snapshot();
  await disk.makeFolder(folder);
  await writeSnapshot({ disk, folder: `${folder}/snapshots`, mark, next: () => source.next() });
  const { wal } = await openWriteAheadLog({
    disk,
    folder: `${folder}/log`,
    clock,
    log,
    segmentBytes,
  });
  await wal.append({
    base: { index: mark.index, term: mark.term },
    hardState: { term: mark.term, vote: '', commit: mark.index, identity: mark.identity },
    entries: [],
  });
  await wal.close();
}
