/** For tests: a device plug-in at real sockets, whose devices are all of one file of the machine. */
import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { deviceTable, grpcService, parseTable, serveGrpc } from '../../grpc/index.ts';

const schema = parseTable(deviceTable);

interface SampleOptions {
  /** The node's device-plugins folder. */
  readonly folder: string;
  readonly resource: string;
  /** What containers find at /dev/sample-<id>. */
  readonly hostPath: string;
  readonly devices: Readonly<Record<string, 'Healthy' | 'Unhealthy'>>;
  /** It names its devices by CDI as well, under this kind. */
  readonly cdiKind?: string | undefined;
  /** It says that all are near to this part of the memory. */
  readonly numaNode?: number | undefined;
  /** It would rather give the last ones. */
  readonly prefersLast?: boolean | undefined;
}

/** A program of a vendor: it registers, tells its devices, and gives them to containers. */
export class SamplePlugin {
  readonly allocated: (readonly string[])[] = [];
  readonly preStarted: (readonly string[])[] = [];
  readonly #options: SampleOptions;
  #devices: SampleOptions['devices'];
  readonly #followers = new Set<(message: Readonly<Record<string, unknown>>) => void>();
  #server: { close(): void } | undefined;

  constructor(options: SampleOptions) {
    this.#options = options;
    this.#devices = options.devices;
  }

  get socket(): string {
    return join(this.#options.folder, `${this.#options.resource.replace(/\W/g, '-')}.sock`);
  }

  async start(): Promise<this> {
    rmSync(this.socket, { force: true });
    this.#server = await serveGrpc(this.socket, [
      {
        schema,
        service: 'DevicePlugin',
        handlers: {
          Allocate: (request) => this.#allocate(request),
          PreStartContainer: ({ devicesIds }: { devicesIds: readonly string[] }) => {
            this.preStarted.push(devicesIds);
            return {};
          },
          GetPreferredAllocation: (request) => this.#preferred(request),
        },
        streams: {
          ListAndWatch: (_request, send) => {
            this.#followers.add(send);
            send(this.#list());
          },
        },
      },
    ]);
    return this;
  }

  /** Shows itself to the node; rejects when the node does not want it. */
  async register(version = 'v1beta1'): Promise<void> {
    const socketPath = join(this.#options.folder, 'kubelet.sock');
    const clock = { now: () => Date.now(), monotonic: () => performance.now() };
    await grpcService(schema, 'Registration', { socketPath, clock })(
      'Register',
      {
        version,
        endpoint: basename(this.socket),
        resourceName: this.#options.resource,
        options: {
          preStartRequired: true,
          getPreferredAllocationAvailable: this.#options.prefersLast === true,
        },
      },
      { deadlineMs: 5000 },
    );
  }

  show(devices: SampleOptions['devices']): void {
    this.#devices = devices;
    for (const send of this.#followers) send(this.#list());
  }

  stop(): void {
    this.#followers.clear();
    this.#server?.close();
  }

  #list(): Readonly<Record<string, unknown>> {
    const { numaNode } = this.#options;
    const topology = numaNode === undefined ? undefined : { nodes: [{ ID: numaNode }] };
    return { devices: Object.entries(this.#devices).map(([ID, health]) => ({ ID, health, topology })) };
  }

  #allocate({
    containerRequests,
  }: {
    readonly containerRequests: readonly { readonly devicesIds: readonly string[] }[];
  }): Readonly<Record<string, unknown>> {
    return {
      containerResponses: containerRequests.map(({ devicesIds }) => {
        this.allocated.push(devicesIds);
        return {
          envs: { SAMPLE_DEVICES: devicesIds.join(',') },
          cdiDevices: this.#cdiNames(devicesIds),
          devices: devicesIds.map((id) => ({
            hostPath: this.#options.hostPath,
            containerPath: `/dev/sample-${id}`,
            permissions: 'rw',
          })),
        };
      }),
    };
  }

  #cdiNames(ids: readonly string[]): readonly { readonly name: string }[] {
    const { cdiKind } = this.#options;
    return cdiKind === undefined ? [] : ids.map((id) => ({ name: `${cdiKind}=${id}` }));
  }

  #preferred({
    containerRequests,
  }: {
    readonly containerRequests: readonly {
      readonly availableDeviceIDs: readonly string[];
      readonly allocationSize: number;
    }[];
  }): Readonly<Record<string, unknown>> {
    return {
      containerResponses: containerRequests.map(({ availableDeviceIDs, allocationSize }) => ({
        deviceIDs: availableDeviceIDs.slice(-allocationSize),
      })),
    };
  }
}
