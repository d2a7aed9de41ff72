/** What the node's drivers prepared for which claims and pods, on disk for the agent that starts after this one. */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorMessage, type Logger } from '../../base/index.ts';
import type { DriverClaim, PreparedDevice } from './claim-driver.ts';

/** A device of a claim, and who prepared it; an earlier version did not keep that. */
export interface ClaimedDevice extends PreparedDevice {
  readonly driver?: string | undefined;
}

export interface ClaimRecord extends DriverClaim {
  /** Pods of the node that use it. */
  readonly pods: readonly string[];
  /** Drivers of its devices. They may have prepared some from the moment that the record is there. */
  readonly drivers: readonly string[];
  /** What they prepared, once all have. */
  readonly prepared?: readonly ClaimedDevice[] | undefined;
}

const broken = '.broken';

/** Throws where something is missing that others go by. */
function parseRecords(text: string): readonly ClaimRecord[] {
  const { claims } = JSON.parse(text) as { readonly claims?: readonly Partial<ClaimRecord>[] };
  const isRecord = ({ uid, name, namespace, pods, drivers }: Partial<ClaimRecord>): boolean =>
    [uid, name, namespace].every((each) => typeof each === 'string') && Array.isArray(pods) && Array.isArray(drivers);
  if (!Array.isArray(claims) || !claims.every(isRecord)) throw new SyntaxError('it is no list of claims');
  return claims as readonly ClaimRecord[];
}

/** The records, in memory and on disk alike. */
export class ClaimRecords {
  readonly #file: string;
  readonly #records: Map<string, ClaimRecord>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, records: readonly ClaimRecord[]) {
    this.#file = file;
    this.#records = new Map(records.map((record) => [record.uid, record]));
  }

  /** A file that cannot be read is put aside: preparing again is harmless, and drivers find out what is left over. */
  static async open(file: string, log: Logger): Promise<ClaimRecords> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    try {
      return new ClaimRecords(file, parseRecords(await readFile(file, 'utf8')));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new ClaimRecords(file, []);
      await rename(file, `${file}${broken}`);
      log.error('the record of claims on devices cannot be read and is put aside', {
        file: `${file}${broken}`,
        error: errorMessage(error),
        fix: 'restart the drivers of claims whose pods are gone, then remove the file',
      });
      return new ClaimRecords(file, []);
    }
  }

  all(): readonly ClaimRecord[] {
    return [...this.#records.values()];
  }

  get(uid: string): ClaimRecord | undefined {
    return this.#records.get(uid);
  }

  /** Resolves when the record survives a loss of power. */
  put(record: ClaimRecord): Promise<void> {
    this.#records.set(record.uid, record);
    return this.#save();
  }

  drop(uid: string): Promise<void> {
    this.#records.delete(uid);
    return this.#save();
  }

  #save(): Promise<void> {
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const temporary = `${this.#file}.new`;
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify({ claims: this.all() }));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.#file);
    const folder = await open(dirname(this.#file), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
