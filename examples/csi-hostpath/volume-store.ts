/** The volumes of the example driver: a folder each, with description and content, in a place all nodes can reach. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export interface StoredVolume {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  /** A folder that is shown as it is, or an image with a file system of its own or none. */
  readonly backing: 'folder' | 'image';
  /** Whether one node at a time may have it. */
  readonly single: boolean;
  readonly attachedTo: readonly string[];
}

export class VolumeStore {
  readonly #folder: string;

  constructor(data: string) {
    this.#folder = join(data, 'volumes');
    mkdirSync(this.#folder, { recursive: true });
  }

  /** The id that a name always gets. */
  idOf(name: string): string {
    return `vol-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
  }

  get(id: string): StoredVolume | undefined {
    const file = join(this.#folder, id, 'volume.json');
    return id !== '' && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StoredVolume) : undefined;
  }

  list(): readonly StoredVolume[] {
    return readdirSync(this.#folder).flatMap((id) => this.get(id) ?? []);
  }

  /** Writes the description, and makes or lengthens the content. */
  put(volume: StoredVolume): void {
    const folder = join(this.#folder, volume.id);
    mkdirSync(folder, { recursive: true });
    const content = this.contentOf(volume);
    if (volume.backing === 'folder') mkdirSync(content, { recursive: true, mode: 0o777 });
    else {
      if (!existsSync(content)) writeFileSync(content, '');
      truncateSync(content, volume.bytes);
    }
    writeFileSync(join(folder, 'volume.json.new'), JSON.stringify(volume));
    renameSync(join(folder, 'volume.json.new'), join(folder, 'volume.json'));
  }

  remove(id: string): void {
    if (this.get(id) !== undefined) rmSync(join(this.#folder, id), { recursive: true, force: true });
  }

  contentOf({ id, backing }: StoredVolume): string {
    return join(this.#folder, id, backing === 'folder' ? 'content' : 'content.img');
  }
}
