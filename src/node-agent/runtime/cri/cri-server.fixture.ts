/** For tests: a CRI runtime in memory behind a real socket, which notes what it is asked and can misbehave. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Timers } from '../../../base/index.ts';
import { criTable, GrpcFailure, grpcCodes, parseTable, serveGrpc } from '../../../grpc/index.ts';
import { systemClock, systemTimers } from '../../../platform/index.ts';
import type { ContainerRuntime } from '../runtime.ts';
import { criRuntime } from './index.ts';

const schema = parseTable(criTable);

interface FakeContainer {
  readonly id: string;
  readonly podSandboxId: string;
  state: string;
  exitCode: number;
  reason: string;
  readonly labels: Readonly<Record<string, string>>;
  logPath: string;
}

interface FakeSandbox {
  readonly id: string;
  state: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface RunRequest {
  readonly config: Pick<FakeSandbox, 'labels' | 'annotations'>;
}

interface CreateRequest {
  readonly podSandboxId: string;
  readonly config: {
    readonly labels: FakeContainer['labels'];
    readonly logPath: string;
    readonly image?: { readonly image: string } | undefined;
  };
  readonly sandboxConfig: { readonly logDirectory: string };
}

interface ContainerFilter {
  readonly id: string;
  readonly podSandboxId: string;
  readonly labelSelector: Readonly<Record<string, string>>;
}

/** An empty id asks for any. */
const isNamed = (filter: ContainerFilter, id: string, sandboxId: string): boolean =>
  (filter.id === '' || filter.id === id) && (filter.podSandboxId === '' || filter.podSandboxId === sandboxId);

const selected = (labels: FakeContainer['labels'], wanted: FakeContainer['labels'] = {}): boolean =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);

/** Small logs, so that tests fill them quickly. */
export const logsOfFake = { bytesMax: 256 * 1024, filesMax: 3 };

export class FakeCri {
  readonly folder = mkdtempSync(join(tmpdir(), 'troupe-cri-'));
  readonly socketPath = join(this.folder, 'cri.sock');
  readonly containers = new Map<string, FakeContainer>();
  readonly sandboxes = new Map<string, FakeSandbox>();
  readonly asked: { readonly method: string; readonly request: Readonly<Record<string, unknown>> }[] = [];
  /** No call is answered while it is true. */
  hangs = false;
  version = { runtimeName: 'fake', runtimeVersion: '9' };
  /** What it shows of its configuration beside the usual. */
  config: object = {};
  /** What it shows of its configuration, where that is not containerd's; beside it the folders, not the machine's. */
  shownConfig: object | undefined;
  /** What it says of its handlers. */
  handlers: readonly object[] = [];
  /** What a status names as a container's image, its id aside. */
  imageRef = 'sha256:i';
  /** What it says of the id beside; a runtime of CRI before 1.31 does not. */
  imageId = '';
  images: readonly object[] = [];
  /** Calls that only some runtimes know, with their answers. */
  more: Readonly<Record<string, () => object>> = {};
  /** Called before each answer; may throw. */
  before: (method: string) => void = () => undefined;
  /** Tells those who listen that something happened. */
  news: () => void = () => undefined;
  #server: { close(): void } | undefined;
  #made = 0;

  runtime(questionMs = 2_000, timers: Timers = systemTimers): ContainerRuntime {
    return criRuntime({
      socketPath: this.socketPath,
      questionMs,
      clock: systemClock,
      timers,
      logs: logsOfFake,
      logFolder: join(this.folder, 'logs'),
      seccompFolder: join(this.folder, 'seccomp'),
      run: () => Promise.resolve(''),
    });
  }

  last(method: string): Readonly<Record<string, unknown>> | undefined {
    return this.asked.findLast((each) => each.method === method)?.request;
  }

  async start(): Promise<this> {
    this.#server = await serveGrpc(this.socketPath, [
      {
        schema,
        service: 'RuntimeService',
        handlers: this.#noted({ ...this.#sandboxHandlers(), ...this.#containerHandlers(), ...this.more }),
        streams: {
          GetContainerEvents: (_request, send) => {
            this.news = () => {
              send({ containerId: 'any' });
            };
          },
        },
      },
      { schema, service: 'ImageService', handlers: this.#noted({ ...this.#imageHandlers(), ...this.more }) },
    ]);
    return this;
  }

  stop(): void {
    this.#server?.close();
    rmSync(this.socketPath, { force: true });
  }

  destroy(): void {
    this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #noted(handlers: Readonly<Record<string, (request: never) => object>>): typeof handlers & Record<string, never> {
    const noted = Object.entries(handlers).map(([method, handler]) => [
      method,
      async (request: Readonly<Record<string, unknown>>) => {
        this.asked.push({ method, request });
        if (this.hangs) await new Promise(() => undefined);
        this.before(method);
        return handler(request as never);
      },
    ]);
    return Object.fromEntries(noted) as typeof handlers & Record<string, never>;
  }

  #found<Value>(all: ReadonlyMap<string, Value>, id: string): Value {
    const value = all.get(id);
    if (value === undefined) throw new GrpcFailure(grpcCodes.notFound, `no ${id}`);
    return value;
  }

  #id(): string {
    this.#made += 1;
    return this.#made.toString(16).padStart(64, '0');
  }

  #sandboxHandlers(): Readonly<Record<string, (request: never) => object>> {
    const cni = { confDir: join(this.folder, 'net.d'), binDir: join(this.folder, 'bin') };
    const containerd = { defaultRuntimeName: 'runc', runtimes: { runc: {} } };
    const config = () => ({ sandboxImage: 'pause:1', cni, containerd, ...this.config });
    return {
      Version: () => ({ ...this.version }),
      Status: () => ({
        status: { conditions: [{ type: 'RuntimeReady', status: true }] },
        info: { config: JSON.stringify(this.shownConfig === undefined ? config() : { cni, ...this.shownConfig }) },
        runtimeHandlers: this.handlers,
      }),
      RunPodSandbox: ({ config: { labels, annotations } }: RunRequest) => {
        const id = this.#id();
        this.sandboxes.set(id, { id, state: 'SANDBOX_READY', labels, annotations });
        return { podSandboxId: id };
      },
      PodSandboxStatus: ({ podSandboxId }: { readonly podSandboxId: string }) => ({
        status: this.#found(this.sandboxes, podSandboxId),
        info: { info: '{"pid":77}' },
      }),
      ListPodSandbox: ({ filter }: { readonly filter?: { readonly labelSelector: Record<string, string> } }) => ({
        items: [...this.sandboxes.values()].filter(({ labels }) => selected(labels, filter?.labelSelector)),
      }),
      StopPodSandbox: ({ podSandboxId }: { readonly podSandboxId: string }) => {
        const sandbox = this.sandboxes.get(podSandboxId);
        if (sandbox !== undefined) sandbox.state = 'SANDBOX_NOTREADY';
        for (const each of this.containers.values())
          if (each.podSandboxId === podSandboxId && each.state === 'CONTAINER_RUNNING') each.state = 'CONTAINER_EXITED';
        return {};
      },
      RemovePodSandbox: ({ podSandboxId }: { readonly podSandboxId: string }) => {
        this.sandboxes.delete(podSandboxId);
        for (const each of this.containers.values())
          if (each.podSandboxId === podSandboxId) this.containers.delete(each.id);
        return {};
      },
    };
  }

  #containerHandlers(): Readonly<Record<string, (request: never) => object>> {
    return {
      CreateContainer: ({ podSandboxId, config: { labels, logPath, image }, sandboxConfig }: CreateRequest) => {
        if (image?.image === 'absent') throw new GrpcFailure(grpcCodes.notFound, 'failed to resolve image "absent"');
        const id = this.#id();
        const path = join(sandboxConfig.logDirectory, logPath);
        const state = 'CONTAINER_CREATED';
        this.containers.set(id, { id, podSandboxId, state, exitCode: 0, reason: '', labels, logPath: path });
        return { containerId: id };
      },
      StartContainer: ({ containerId }: { readonly containerId: string }) => {
        this.#found(this.containers, containerId).state = 'CONTAINER_RUNNING';
        return {};
      },
      StopContainer: ({ containerId }: { readonly containerId: string }) => {
        this.#found(this.containers, containerId).state = 'CONTAINER_EXITED';
        return {};
      },
      ContainerStatus: ({ containerId }: { readonly containerId: string }) => ({
        status: {
          ...this.#found(this.containers, containerId),
          imageRef: this.imageRef,
          imageId: this.imageId,
          createdAt: 1_000_000,
        },
        info: { info: 'no JSON' },
      }),
      ListContainers: ({ filter }: { readonly filter?: ContainerFilter }) => ({
        containers: [...this.containers.values()]
          .filter(({ labels }) => selected(labels, filter?.labelSelector))
          .filter(({ id, podSandboxId }) => filter === undefined || isNamed(filter, id, podSandboxId))
          .map((each) => ({ ...each, imageRef: this.imageRef, imageId: this.imageId })),
      }),
      RemoveContainer: ({ containerId }: { readonly containerId: string }) => {
        this.containers.delete(containerId);
        return {};
      },
      ReopenContainerLog: () => ({}),
    };
  }

  #imageHandlers(): Readonly<Record<string, (request: never) => object>> {
    return {
      ImageStatus: ({ image }: { readonly image: { readonly image: string } }) =>
        image.image === 'absent' ? {} : { image: { id: 'sha256:i', repoTags: [image.image] } },
      ListImages: () => ({ images: this.images }),
      PullImage: () => ({ imageRef: 'sha256:i' }),
    };
  }
}
