/** A disk for each member: a small file system in a file, which can fill up, and lose what it had not synced. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import { join } from 'node:path';
import { storeFoldersOf } from '../../main/index.ts';
import { must, run, runMeanwhile, systemProgram } from './programs.ts';
import type { TroupeHome } from './troupe-home.ts';

const sizeMebibytes = 256;
const ballast = 'chaos-ballast';

interface MemberDisk {
  readonly image: string;
  /** Where it is mounted: the folder of the member's store. */
  readonly folder: string;
}

export class MemberDisks {
  readonly #disks = new Map<string, MemberDisk>();

  /** Why members cannot have disks of their own on this machine; undefined: they can. */
  static problem(): string | undefined {
    if (process.getuid?.() !== 0) return 'a disk for each member needs root rights';
    const missing = ['mkfs.ext4', 'mount', 'umount', 'losetup'].filter((name) => systemProgram(name) === undefined);
    if (missing.length > 0) return `a disk for each member needs ${missing.join(', ')}`;
    return existsSync('/dev/loop-control') ? undefined : 'a disk for each member needs loop devices';
  }

  /** Moves the stores of a cluster that is stopped to disks of their own. */
  static create({ home }: TroupeHome): MemberDisks {
    const disks = new MemberDisks();
    const images = join(home.folder, 'chaos-disks');
    mkdirSync(images, { recursive: true });
    for (const { member, folder } of storeFoldersOf(home)) {
      const disk = { image: join(images, `${member}.img`), folder };
      must('truncate', ['-s', `${sizeMebibytes}M`, disk.image]);
      must('mkfs.ext4', ['-q', '-F', '-m', '0', disk.image]);
      const aside = `${folder}.before`;
      renameSync(folder, aside);
      mkdirSync(folder, { mode: 0o700 });
      mount(disk);
      disks.#disks.set(member, disk);
      rmdirSync(join(folder, 'lost+found'));
      cpSync(aside, folder, { recursive: true, preserveTimestamps: true });
      rmSync(aside, { recursive: true });
    }
    run('sync', []);
    return disks;
  }

  /** Writes until nothing more fits. Answers the bytes that are left to the member: 0, unless it freed some. */
  async fill(member: string): Promise<number> {
    const { folder } = this.#of(member);
    await runMeanwhile('dd', ['if=/dev/zero', `of=${join(folder, ballast)}`, 'bs=64k']);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  }

  free(member: string): void {
    rmSync(join(this.#of(member).folder, ballast), { force: true });
  }

  /**
   * What is on the disk by now becomes all that is left, as when the power goes; its processes must have died. Answers
   * how many of its files are other than the processes had written them. `until` waits for what it is given to hold:
   * a process that dies within a sync lets go of the disk after it.
   */
  async losePower(member: string, until: (isFree: () => boolean) => Promise<void>): Promise<number> {
    const disk = this.#of(member);
    const written = contentsOf(disk.folder);
    const left = `${disk.image}.left`;
    must('cp', ['--sparse=always', disk.image, left]);
    await until(() => run('umount', [disk.folder]).status === 0);
    renameSync(left, disk.image);
    mount(disk);
    const kept = contentsOf(disk.folder);
    return [...written].filter(([file, bytes]) => kept.get(file)?.equals(bytes) !== true).length;
  }

  destroy(): void {
    for (const { folder } of this.#disks.values()) run('umount', ['-l', folder]);
    this.#disks.clear();
  }

  #of(member: string): MemberDisk {
    const disk = this.#disks.get(member);
    if (disk === undefined) throw new Error(`${member} has no disk of its own`);
    return disk;
  }
}

function mount({ image, folder }: MemberDisk): void {
  must('mount', ['-o', 'loop', image, folder]);
}

/** Every file below the folder with its bytes. */
function contentsOf(folder: string): ReadonlyMap<string, Buffer> {
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== ballast)
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file, readFileSync(file)] as const),
  );
}
