/** What the node holds of CSI volumes, on disk before anything is mounted, for the agent that starts after this one. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage, type Logger } from '../../base/index.ts';

/** A volume that is, or may be, staged on the node. */
interface StagedRecord {
  readonly type: 'staged';
  readonly driver: string;
  readonly handle: string;
  readonly specName: string;
  readonly block: boolean;
  readonly stagingPath: string;
  /** Whether it was attached to the node first. */
  readonly attached: boolean;
}

/** A volume that is, or may be, published for a pod. */
export interface PublishedRecord {
  readonly type: 'published';
  readonly podUid: string;
  readonly namespace: string;
  /** The volume's name in the pod. */
  readonly volume: string;
  /** The claim's name; absent for inline volumes. */
  readonly claim?: string | undefined;
  readonly driver: string;
  readonly handle: string;
  readonly specName: string;
  readonly block: boolean;
  /** Absent: the driver does not stage. */
  readonly stagingPath?: string | undefined;
  readonly targetPath: string;
  readonly attached: boolean;
  readonly readOnly: boolean;
  /** `staging`: nobody asked to publish it yet; `publishing`: it may be published, in part; `complete`: it is. */
  readonly phase: 'staging' | 'publishing' | 'complete';
}

type VolumeRecord = StagedRecord | PublishedRecord;

const broken = '.broken';

/** Throws where something is missing that others go by. */
function parseRecord(text: string): VolumeRecord {
  const record = JSON.parse(text) as Partial<PublishedRecord | StagedRecord> | null;
  const { type, driver, handle } = record ?? {};
  const path = record?.type === 'published' ? record.targetPath : record?.stagingPath;
  if ((type !== 'published' && type !== 'staged') || [driver, handle, path].some((each) => typeof each !== 'string'))
    throw new SyntaxError('it is no record of a volume');
  return record as VolumeRecord;
}

/** The records, in memory and on disk alike. */
export class VolumeRecords {
  readonly #folder: string;
  readonly #records = new Map<string, VolumeRecord>();
  #temporary = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Reads all records. One that a crash left unfinished was never acted on, and is removed. One that cannot be read is
   * put aside: its volume is staged and published anew where a pod wants it, which is harmless.
   */
  static async open(folder: string, log: Logger): Promise<VolumeRecords> {
    const records = new VolumeRecords(folder);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(folder)) {
      const file = join(folder, name);
      if (name.endsWith(broken)) continue;
      if (!name.endsWith('.json')) {
        await rm(file, { force: true });
        continue;
      }
      try {
        records.#records.set(name.slice(0, -'.json'.length), parseRecord(await readFile(file, 'utf8')));
      } catch (error) {
        await rename(file, `${file}${broken}`);
        log.error('the record of a CSI volume cannot be read and is put aside', {
          file: `${file}${broken}`,
          error: errorMessage(error),
          fix: 'unmount what it stood for if its pod is gone, then remove the file',
        });
      }
    }
    return records;
  }

  get(id: string): VolumeRecord | undefined {
    return this.#records.get(id);
  }

  published(): readonly PublishedRecord[] {
    return [...this.#records.values()].filter((record) => record.type === 'published');
  }

  staged(): readonly StagedRecord[] {
    return [...this.#records.values()].filter((record) => record.type === 'staged');
  }

  /** Resolves when the record survives a loss of power. */
  async put(id: string, record: VolumeRecord): Promise<void> {
    this.#temporary += 1;
    const temporary = join(this.#folder, `${this.#temporary}.new`);
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify(record));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(this.#folder, `${id}.json`));
    await this.#sync();
    this.#records.set(id, record);
  }

  async drop(id: string): Promise<void> {
    await rm(join(this.#folder, `${id}.json`), { force: true });
    this.#records.delete(id);
  }

  async #sync(): Promise<void> {
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}

export const publishedId = (podUid: string, volume: string): string => `${podUid}.${volume}`;
