/** The CSI volumes of a node's pods: mounted when a pod begins, and taken away when it is over. */
import {
  type CSIDriver,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  resources,
} from '../../api/index.ts';
import { delay, errorMessage } from '../../base/index.ts';
import { attachableName } from '../../protocol/index.ts';
import { attachedContext, isPodWanted } from './attachment.ts';
import { beginExpansion, finishExpansion, refuseExpansion } from './claim-size.ts';
import type { CsiPorts } from './csi-ports.ts';
import type { Drivers } from './driver-registry.ts';
import { KeyedTurns } from './keyed-turns.ts';
import { asSetupError, isFinalRefusal, isInfeasible } from './node-service.ts';
import { type CsiVolume, csiVolume } from './volume-facts.ts';
import type { DriverVolume, DriverVolumes } from '../volumes/index.ts';
import { podFolders, stagedId, stagingPath, targetPath } from './volume-paths.ts';
import { publishedId, type PublishedRecord, type VolumeRecords } from './volume-records.ts';
import { applyGroup, expand, type MountJob, publish, removeEmpty, stage, takeAway } from './volume-work.ts';

interface CsiVolumesOptions {
  readonly node: string;
  readonly root: string;
  readonly drivers: Drivers;
  readonly records: VolumeRecords;
  /** Called when `inUse` changed: the Node's status is to be written. */
  readonly inUseChanged: () => void;
}

/** Where a volume is for the pod's containers; `block`: a device. */
interface MountedVolume {
  readonly path: string;
  readonly readOnly: boolean;
  readonly block: boolean;
}

const retryMsMin = 500;
const retryMsMax = 30_000;
/** How often sizes are compared, and volumes of drivers that want it published again. */
const refreshEveryMs = 20_000;
const republishEveryMs = 60_000;

export class CsiVolumes implements DriverVolumes {
  readonly #ports: CsiPorts;
  readonly #options: CsiVolumesOptions;
  /** Operations of one volume follow each other; those of others never wait. */
  readonly #turns = new KeyedTurns();
  /** Volumes that this agent knows to be staged. */
  readonly #staged = new Set<string>();
  /** Volumes that this agent alone has tried to stage, without success so far. */
  readonly #ownTries = new Set<string>();
  /** How many mounts under way want a volume attached. */
  readonly #wanted = new Map<string, number>();
  readonly #releasing = new Map<string, Promise<void>>();
  readonly #refreshedAt = new Map<string, number>();
  readonly #publishedAt = new Map<string, number>();
  #closed = false;

  constructor(ports: CsiPorts, options: CsiVolumesOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /** Takes away what an earlier agent left of pods that are none of these; what nobody uses does not stay staged. */
  reclaim(kept: ReadonlySet<string>): void {
    const { records } = this.#options;
    for (const uid of new Set(records.published().map(({ podUid }) => podUid)))
      if (!kept.has(uid)) void this.release(uid);
    for (const { driver, handle } of records.staged()) void this.#unstageWhenUnused(driver, handle);
  }

  close(): void {
    this.#closed = true;
  }

  /** Attachable volumes that the node holds or is about to mount, by their names in the Node's status. */
  get inUse(): readonly string[] {
    const { records } = this.#options;
    const held = [...records.staged(), ...records.published()].filter(({ attached }) => attached);
    return [
      ...new Set([...held.map(({ driver, handle }) => attachableName(driver, handle)), ...this.#wanted.keys()]),
    ].toSorted();
  }

  /** Mounts a volume for a pod. Rejects with VolumeSetupError; repeating it is harmless. */
  async mount(pod: Pod, name: string, source: DriverVolume): Promise<MountedVolume> {
    try {
      return await this.#mount(pod, name, source);
    } catch (error) {
      throw asSetupError(error);
    }
  }

  /**
   * Resolves when nothing of the pod is mounted any more; tries for as long as that takes. Its containers must have
   * ended.
   */
  release(podUid: string): Promise<void> {
    const running = this.#releasing.get(podUid);
    if (running !== undefined) return running;
    const begun = this.#release(podUid).finally(() => this.#releasing.delete(podUid));
    this.#releasing.set(podUid, begun);
    return begun;
  }

  /** Follows the size of claims, and publishes again what its driver wants to renew. Rejects with all that failed. */
  async refresh(pod: Pod): Promise<void> {
    const { uid = '' } = pod.metadata;
    const now = this.#ports.clock.monotonic();
    if (now - (this.#refreshedAt.get(uid) ?? 0) < refreshEveryMs) return;
    this.#refreshedAt.set(uid, now);
    const complete = this.published(uid).filter(({ phase }) => phase === 'complete');
    const results = await Promise.allSettled(complete.map((record) => this.#refreshVolume(pod, record, now)));
    const failed = results.flatMap((result) => (result.status === 'rejected' ? [errorMessage(result.reason)] : []));
    if (failed.length > 0) throw new Error(failed.join('; '));
  }

  /** What is published for a pod. */
  published(podUid: string): readonly PublishedRecord[] {
    return this.#options.records.published().filter((record) => record.podUid === podUid);
  }

  #describe(pod: Pod, name: string, source: DriverVolume): CsiVolume {
    const driverName = source.type === 'inline' ? source.source.driver : (source.volume.spec.csi?.driver ?? '');
    const driver = this.#ports.view.get<CSIDriver>(resources.csiDrivers, undefined, driverName);
    return csiVolume(pod, name, { source, driver });
  }

  async #mount(pod: Pod, name: string, source: DriverVolume): Promise<MountedVolume> {
    const volume = this.#describe(pod, name, source);
    const { uid = '' } = pod.metadata;
    const { records, root } = this.#options;
    const target = targetPath(root, volume, uid);
    const mounted: MountedVolume = { path: target, readOnly: volume.readOnly, block: volume.block };
    const known = records.get(publishedId(uid, name));
    // Of a pod that runs already nothing is touched.
    if (known?.type === 'published' && known.phase === 'complete' && (await this.#ports.mounted(target)))
      return mounted;
    this.#options.drivers.service(volume.driver);
    await this.#whileWanted(volume, async () => {
      const isWanted = (): boolean => !this.#closed && isPodWanted(this.#ports, pod);
      const publishContext = volume.attached
        ? await attachedContext(this.#ports, this.#options.node, { volume, isWanted })
        : {};
      await this.#turns.run(turnOf(volume), () => this.#stageAndPublish(pod, name, { volume, publishContext }));
    });
    return mounted;
  }

  async #whileWanted(volume: CsiVolume, job: () => Promise<void>): Promise<void> {
    if (!volume.attached) {
      await job();
      return;
    }
    const name = attachableName(volume.driver, volume.handle);
    this.#wanted.set(name, (this.#wanted.get(name) ?? 0) + 1);
    this.#options.inUseChanged();
    try {
      await job();
    } finally {
      const left = (this.#wanted.get(name) ?? 1) - 1;
      if (left === 0) this.#wanted.delete(name);
      else this.#wanted.set(name, left);
      this.#options.inUseChanged();
    }
  }

  async #stageAndPublish(
    pod: Pod,
    name: string,
    {
      volume,
      publishContext,
    }: { readonly volume: CsiVolume; readonly publishContext: Readonly<Record<string, string>> },
  ): Promise<void> {
    if (!isPodWanted(this.#ports, pod)) return;
    const job = await this.#jobOf(pod, volume, publishContext);
    const { records } = this.#options;
    const id = publishedId(pod.metadata.uid ?? '', name);
    const known = records.get(id);
    const record = publishedRecord(job, name);
    // What an earlier try may have published stays known as such.
    if (known === undefined) await records.put(id, record);
    await this.#ensureStaged(job);
    await records.put(id, { ...record, phase: 'publishing' });
    await this.#publish(job);
    await applyGroup(this.#ports, job);
    if (isGrown(volume)) await this.#expand(job);
    await records.put(id, { ...record, phase: 'complete' });
    this.#publishedAt.set(id, this.#ports.clock.monotonic());
  }

  async #jobOf(pod: Pod, volume: CsiVolume, publishContext: Readonly<Record<string, string>>): Promise<MountJob> {
    const { root, drivers } = this.#options;
    const service = drivers.service(volume.driver);
    const abilities = await service.abilities();
    const stages = abilities.has('STAGE_UNSTAGE_VOLUME') && !volume.ephemeral;
    return {
      pod,
      volume,
      service,
      abilities,
      publishContext,
      stagingPath: stages ? stagingPath(root, volume) : undefined,
      targetPath: targetPath(root, volume, pod.metadata.uid ?? ''),
    };
  }

  /** The record comes first: what may be staged is known to an agent that starts again. */
  async #ensureStaged(job: MountJob): Promise<void> {
    const { volume, stagingPath: path } = job;
    if (path === undefined) return;
    const id = stagedId(volume.driver, volume.handle);
    if (this.#staged.has(id) && (volume.block || (await this.#ports.mounted(path)))) return;
    const { driver, handle, specName, block, attached } = volume;
    // What an earlier agent may have staged is taken away at the end, whatever is said now.
    if (this.#options.records.get(id) === undefined) this.#ownTries.add(id);
    await this.#options.records.put(id, {
      type: 'staged',
      driver,
      handle,
      specName,
      block,
      attached,
      stagingPath: path,
    });
    try {
      await stage(this.#ports, { ...job, stagingPath: path });
    } catch (error) {
      if (this.#ownTries.has(id) && isFinalRefusal(error) && !(await this.#ports.mounted(path)))
        await this.#options.records.drop(id);
      throw error;
    }
    this.#ownTries.delete(id);
    this.#staged.add(id);
  }

  /** A driver that cannot publish may have lost what it staged: the next try stages again. */
  async #publish(job: MountJob): Promise<void> {
    try {
      await publish(this.#ports, job);
    } catch (error) {
      this.#staged.delete(stagedId(job.volume.driver, job.volume.handle));
      throw error;
    }
  }

  async #expand(job: MountJob): Promise<void> {
    if (!(await beginExpansion(this.#ports, job))) return;
    try {
      await expand(this.#ports, job);
    } catch (error) {
      if (isInfeasible(error)) await refuseExpansion(this.#ports, job, asSetupError(error).message);
      throw error;
    }
    await finishExpansion(this.#ports, job);
  }

  async #refreshVolume(pod: Pod, record: PublishedRecord, now: number): Promise<void> {
    const source = await this.#sourceOf(pod, record);
    if (source === undefined) return;
    const volume = this.#describe(pod, record.volume, source);
    const id = publishedId(record.podUid, record.volume);
    const grows = isGrown(volume);
    const again = volume.republish && now - (this.#publishedAt.get(id) ?? 0) >= republishEveryMs;
    if (!grows && !again) return;
    await this.#turns.run(turnOf(volume), async () => {
      if (this.#options.records.get(id)?.type !== 'published' || !isPodWanted(this.#ports, pod)) return;
      const context = volume.attached
        ? await attachedContext(this.#ports, this.#options.node, {
            volume,
            isWanted: () => isPodWanted(this.#ports, pod),
          })
        : {};
      const job = await this.#jobOf(pod, volume, context);
      if (grows) await this.#expand(job).catch((error: unknown) => tellExpansionFailed(this.#ports, job, error));
      if (again) await publish(this.#ports, job);
      if (again) this.#publishedAt.set(id, now);
    });
  }

  /** The volume as the API shows it now; undefined: it is not the pod's any more. */
  async #sourceOf(pod: Pod, record: PublishedRecord): Promise<DriverVolume | undefined> {
    const { client } = this.#ports;
    const inline = pod.spec.volumes?.find(({ name }) => name === record.volume)?.csi;
    if (record.claim === undefined) return inline === undefined ? undefined : { type: 'inline', source: inline };
    const claim = await client.get<PersistentVolumeClaim>({
      ...resources.persistentVolumeClaims,
      namespace: record.namespace,
      name: record.claim,
    });
    const volume = await client.get<PersistentVolume>({ ...resources.persistentVolumes, name: record.specName });
    return { type: 'claim', claim, volume, readOnly: record.readOnly };
  }

  async #release(podUid: string): Promise<void> {
    this.#refreshedAt.delete(podUid);
    await Promise.all(
      this.published(podUid).map((record) =>
        this.#untilDone('unmount a volume', record, () =>
          this.#turns.run(turnOf(record), () => this.#unpublish(record)),
        ),
      ),
    );
  }

  async #unpublish(record: PublishedRecord): Promise<void> {
    const { records, drivers, root } = this.#options;
    const id = publishedId(record.podUid, record.volume);
    const known = records.get(id);
    if (known?.type !== 'published') return;
    const service = drivers.service(record.driver);
    const { handle: volumeId, targetPath: path } = record;
    if (known.phase !== 'staging')
      await takeAway(this.#ports, path, () => service.unpublish({ volumeId, targetPath: path }));
    await removeEmpty(podFolders(root, record.podUid));
    await records.drop(id);
    this.#publishedAt.delete(id);
    // The pod is over; the volume may stay staged for a while.
    void this.#unstageWhenUnused(record.driver, record.handle);
    this.#options.inUseChanged();
  }

  #unstageWhenUnused(driver: string, handle: string): Promise<void> {
    return this.#untilDone('unstage a volume', { driver, handle }, () =>
      this.#turns.run(turnOf({ driver, handle }), () => this.#unstage(driver, handle)),
    );
  }

  async #unstage(driver: string, handle: string): Promise<void> {
    const { records, drivers } = this.#options;
    const id = stagedId(driver, handle);
    const record = records.get(id);
    const isUsed = records.published().some((each) => each.driver === driver && each.handle === handle);
    if (record?.type !== 'staged' || isUsed) return;
    const service = drivers.service(driver);
    this.#staged.delete(id);
    this.#ownTries.delete(id);
    const { stagingPath: path } = record;
    await takeAway(this.#ports, path, () => service.unstage({ volumeId: handle, stagingTargetPath: path }));
    await records.drop(id);
    this.#options.inUseChanged();
  }

  /** Tries a job again and again, later each time. Resolves when it is done; never once the agent ends. */
  async #untilDone(
    what: string,
    { driver, handle }: { readonly driver: string; readonly handle: string },
    job: () => Promise<void>,
  ): Promise<void> {
    for (let wait = retryMsMin; ; wait = Math.min(wait * 2, retryMsMax)) {
      // What is not done yet must not look done: the next agent goes on with it.
      if (this.#closed) await new Promise<never>(() => undefined);
      if (!this.#options.drivers.has(driver)) {
        await delay(this.#ports.timers, retryMsMin);
        continue;
      }
      try {
        await job();
        return;
      } catch (error) {
        this.#ports.log.warn(`failed to ${what}; retrying`, { driver, volume: handle, error: errorMessage(error) });
        await delay(this.#ports.timers, wait);
      }
    }
  }
}

/** The pod goes on with the size that it has; the next look tries again. */
function tellExpansionFailed(ports: CsiPorts, { pod, volume }: MountJob, error: unknown): void {
  const message = `NodeExpandVolume failed for volume "${volume.specName}" : ${asSetupError(error).message}`;
  ports.event(pod, { kind: 'Warning', reason: 'VolumeResizeFailed', message });
}

/** The claim's file system is smaller than its volume by now. */
const isGrown = ({ claim, bytes, claimBytes }: CsiVolume): boolean =>
  claim !== undefined && claimBytes > 0 && bytes > claimBytes;

const turnOf = ({ driver, handle }: { readonly driver: string; readonly handle: string }): string =>
  `${driver}/${handle}`;

function publishedRecord(
  { pod, volume, stagingPath: staged, targetPath: target }: MountJob,
  name: string,
): PublishedRecord {
  const { uid = '', namespace = '' } = pod.metadata;
  const { driver, handle, specName, block, attached, readOnly, claim } = volume;
  return {
    type: 'published',
    podUid: uid,
    namespace,
    volume: name,
    claim,
    driver,
    handle,
    specName,
    block,
    stagingPath: staged,
    targetPath: target,
    attached,
    readOnly,
    phase: 'staging',
  };
}
