/** The port of the file system, as the store sees it. */
import type { Cipher } from './cipher.ts';

/** An open file of the Disk port. Positions and lengths are bytes. */
export interface DiskFile {
  /** Writes all chunks, one after the other, from `position` (one gathered write). Not durable before `dataSync`. */
  write(chunks: readonly Uint8Array[], position: number): Promise<void>;
  /** Up to `length` bytes from `position`; shorter only at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** Makes all earlier writes durable (fdatasync). A failure is final: the file must not be used again. */
  dataSync(): Promise<void>;
  truncate(length: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/** Paths are absolute or relative to the process; errors are DiskError. */
export interface Disk {
  /** Seals the contents of what the store writes here; absent: they are written as they are. */
  readonly cipher?: Cipher | undefined;
  open(path: string, mode: 'read' | 'write' | 'create'): Promise<DiskFile>;
  /** File names in a folder, sorted. A missing folder is empty. */
  list(folder: string): Promise<readonly string[]>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  /** Makes renames, creations and removals in the folder durable. */
  syncFolder(path: string): Promise<void>;
}

/** Why a disk operation failed. `full` (ENOSPC, EDQUOT) is retryable once space is free; the others are not. */
export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly code: 'full' | 'not-found' | 'input-output' | 'permission';
  readonly path: string;
  constructor(code: DiskError['code'], path: string, cause?: unknown) {
    super(`${path}: ${code}`, { cause });
    this.code = code;
    this.path = path;
  }
  get retryable(): boolean {
    return this.code === 'full';
  }
}
