/** For tests: a CSI driver in memory, which counts what it holds and can be told to misbehave. */
import { GrpcError, grpcCodes } from '../../grpc/index.ts';
import type { NodeAbility, NodeService } from './node-service.ts';

/** How a call goes wrong: without or with its work done, or as a success with nothing done. */
type Mishap = 'fail-before' | 'fail-after' | 'lie';

/** What was mounted where, and the rules that a caller broke. */
export class DriverInMemory {
  readonly staged = new Set<string>();
  readonly published = new Map<string, string>();
  readonly mounts = new Set<string>();
  readonly calls: string[] = [];
  readonly breaches: string[] = [];
  readonly abilities = new Set<NodeAbility>(['STAGE_UNSTAGE_VOLUME', 'EXPAND_VOLUME', 'GET_VOLUME_STATS']);
  /** Called before each call; answers how it goes wrong. */
  mishap: (method: string, volumeId: string) => Mishap | Promise<Mishap | undefined> | undefined = () => undefined;
  readonly requests: object[] = [];
  readonly #busy = new Set<string>();

  get isBusy(): boolean {
    return this.#busy.size > 0;
  }

  get service(): NodeService {
    return {
      info: () => Promise.resolve({ nodeId: 'n', maxVolumesPerNode: 3 }),
      abilities: () => Promise.resolve(this.abilities),
      stage: (request) => this.#call('stage', request, () => this.#stage(request)),
      unstage: (request) => this.#call('unstage', request, () => this.#unstage(request)),
      publish: (request) => this.#call('publish', request, () => this.#publish(request)),
      unpublish: (request) => this.#call('unpublish', request, () => this.#unpublish(request)),
      expand: (request) => this.#call('expand', request, () => undefined),
      usage: () => Promise.resolve([{ unit: 'BYTES', total: 10, used: 4, available: 6 }]),
    };
  }

  async #call(method: string, request: { readonly volumeId: string }, work: () => void): Promise<void> {
    const { volumeId } = request;
    if (this.#busy.has(volumeId)) this.breaches.push(`${method} of ${volumeId} while another call is under way`);
    this.#busy.add(volumeId);
    this.calls.push(`${method} ${volumeId}`);
    this.requests.push(request);
    try {
      const mishap = await this.mishap(method, volumeId);
      if (mishap !== 'fail-before' && mishap !== 'lie') work();
      if (mishap !== undefined && mishap !== 'lie') throw new GrpcError(grpcCodes.internal, `${method} fails`);
    } finally {
      this.#busy.delete(volumeId);
    }
  }

  #stage({ volumeId, stagingTargetPath }: { readonly volumeId: string; readonly stagingTargetPath: string }): void {
    this.staged.add(volumeId);
    this.mounts.add(stagingTargetPath);
  }

  #unstage({ volumeId, stagingTargetPath }: { readonly volumeId: string; readonly stagingTargetPath: string }): void {
    const isShown = [...this.published].some(([path, id]) => id === volumeId && this.mounts.has(path));
    if (isShown) this.breaches.push(`unstage of ${volumeId} while published`);
    this.staged.delete(volumeId);
    this.mounts.delete(stagingTargetPath);
  }

  #publish({ volumeId, targetPath }: { readonly volumeId: string; readonly targetPath: string }): void {
    if (this.abilities.has('STAGE_UNSTAGE_VOLUME') && !volumeId.startsWith('csi-') && !this.staged.has(volumeId))
      throw new GrpcError(grpcCodes.failedPrecondition, `${volumeId} is not staged`);
    this.published.set(targetPath, volumeId);
    this.mounts.add(targetPath);
  }

  #unpublish({ targetPath }: { readonly targetPath: string }): void {
    this.published.delete(targetPath);
    this.mounts.delete(targetPath);
  }
}
