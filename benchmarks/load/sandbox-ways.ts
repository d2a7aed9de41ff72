/** Ways to start a pod of one container, with and without a sandbox, by bare calls of an engine. */
import type { ContainerFacts, ContainerRuntime, ContainerSpec } from '../../src/node-agent/runtime/index.ts';
import { connectDocker, type DockerConnection } from '../../src/node-agent/runtime/docker/docker-connection.ts';
import { dockerCreateBody } from '../../src/node-agent/runtime/docker/docker-spec.ts';
import { logLimits } from '../../src/node-agent/runtime/log-limits.ts';
import { type LinkSettings, machinePodLinks, type PodLinks, scriptShell } from '../../src/node-agent/network/index.ts';
import { hardwareAddress } from '../../src/node-agent/network/pod-links.ts';
import { plainSpec } from './plain-spec.ts';

/** What was made for one pod. */
export interface Started {
  /** Its program runs in the last one. */
  readonly containers: readonly string[];
  readonly namespace?: string | undefined;
}

/** Resolves when the pod's program runs and its link is there. */
export interface SandboxWay {
  readonly name: string;
  start(pod: string): Promise<Started>;
}

/** The bridge that the links lead to; the benchmark makes it. */
export const bridge: LinkSettings = {
  bridge: 'trp-sandboxes',
  gateways: [{ family: 'IPv4', address: '10.252.0.1', bits: 16 }],
};

export const runScript = scriptShell();

/** Says when its first instruction ran, and when it saw its link. */
export const watchful = [
  '/bin/sh',
  '-c',
  'echo begun; until [ -e /sys/class/net/eth0 ]; do :; done; echo linked; sleep 1000',
];
const program = ['/bin/sh', '-c', 'sleep 1000'];
/** A shell stands for the small program that an agent would put in front of the image's own. */
const inFront = (command: readonly string[]): readonly string[] => [
  '/bin/sh',
  '-c',
  'until [ -e /sys/class/net/eth0 ]; do usleep 500; done; exec "$@"',
  'wait',
  ...command,
];

export interface Engine {
  readonly runtime: ContainerRuntime;
  readonly socketPath: string;
  readonly image: string;
  readonly sandboxImage: string;
}

/** The calls that the ways are made of. */
class Parts {
  readonly engine: Engine;
  readonly #links: PodLinks = machinePodLinks(runScript, bridge);
  readonly #connection: DockerConnection;
  #made = 0;

  constructor(engine: Engine) {
    this.engine = engine;
    this.#connection = connectDocker(engine.socketPath);
  }

  address(): string {
    const number = this.#made++ + 2;
    return `10.252.${number >> 8}.${number & 255}`;
  }

  spec(pod: string, part: string, more: Partial<ContainerSpec>): ContainerSpec {
    const isSandbox = part === 'sandbox';
    const plain = plainSpec({
      name: `${pod}-${part}`,
      image: isSandbox ? this.engine.sandboxImage : this.engine.image,
      labels: { 'troupe.benchmark': 'sandboxes' },
      entrypoint: isSandbox ? undefined : program,
      hostname: pod,
    });
    return {
      ...plain,
      security: { ...plain.security, readOnlyRoot: isSandbox, seccomp: isSandbox ? 'unconfined' : 'default' },
      sysctls: part === 'joined' ? undefined : { 'net.ipv6.conf.default.disable_ipv6': '1' },
      group: pod,
      ...more,
    };
  }

  create(pod: string, part: string, more: Partial<ContainerSpec> = {}): Promise<string> {
    return this.engine.runtime.create(this.spec(pod, part, more));
  }

  /** With a network that the port has no word for. */
  async createOn(pod: string, mode: string, more: object = {}): Promise<string> {
    const body = dockerCreateBody(this.spec(pod, 'alone', {}), logLimits({})) as { readonly HostConfig: object };
    const changed = { ...body, NetworkDisabled: false, ...more, HostConfig: { ...body.HostConfig, NetworkMode: mode } };
    const query = { name: `${pod}-alone` };
    return (await this.#connection.call<{ Id: string }>('POST', '/containers/create', { query, body: changed })).Id;
  }

  joined(pod: string, sandbox: string): Promise<string> {
    return this.create(pod, 'joined', { network: { type: 'container', id: sandbox }, ipc: { container: sandbox } });
  }

  async start(id: string): Promise<void> {
    await this.engine.runtime.start(id);
  }

  async link(id: string): Promise<ContainerFacts> {
    const facts = await this.engine.runtime.inspect(id);
    if (facts === undefined) throw new Error(`${id} is gone`);
    const address = this.address();
    const name = `vethp${hardwareAddress(address).replaceAll(':', '').slice(4)}`;
    await this.#links.connect({ name, addresses: [address], containerId: id, processId: facts.processId });
    return facts;
  }
}

async function withSandbox(parts: Parts, pod: string, hasLink: boolean): Promise<Started> {
  const sandbox = await parts.create(pod, 'sandbox');
  const created = parts.joined(pod, sandbox);
  await parts.start(sandbox);
  if (hasLink) await parts.link(sandbox);
  const container = await created;
  await parts.start(container);
  return { containers: [sandbox, container] };
}

async function alone(parts: Parts, pod: string, entrypoint: readonly string[], hasLink = true): Promise<Started> {
  const id = await parts.create(pod, 'alone', { entrypoint });
  await parts.start(id);
  if (hasLink) await parts.link(id);
  return { containers: [id] };
}

/** Only joins what runs already. */
async function warm(parts: Parts, pod: string, sandbox: string): Promise<Started> {
  const container = await parts.joined(pod, sandbox);
  await parts.start(container);
  return { containers: [container] };
}

/** A namespace and its link, which an agent makes before the container that is told to use them. */
async function named(parts: Parts, pod: string): Promise<Started> {
  const address = parts.address();
  const peer = `vethp${hardwareAddress(address).replaceAll(':', '').slice(4)}`;
  await runScript(`ip netns add ${pod}
ip link add ${peer} master ${bridge.bridge} up type veth peer name eth0 address ${hardwareAddress(address)} netns ${pod}
ip -n ${pod} -batch - <<'END'
address add ${address}/16 dev eth0
link set lo up
link set eth0 up
route add default via 10.252.0.1
END`);
  const id = await parts.createOn(pod, `ns:/run/netns/${pod}`);
  await parts.start(id);
  return { containers: [id], namespace: pod };
}

/** The engine's own link, in a network of its own. */
async function engineLink(parts: Parts, pod: string, network: string): Promise<Started> {
  const id = await parts.createOn(pod, network);
  await parts.start(id);
  return { containers: [id] };
}

/** `sandbox`: a running one for the way that has it ahead; `network`: one of the engine's. */
export function sandboxWays(
  engine: Engine,
  options: { readonly sandbox: string; readonly network?: string | undefined; readonly isPodman: boolean },
): readonly SandboxWay[] {
  const parts = new Parts(engine);
  const { sandbox, network, isPodman } = options;
  return [
    { name: 'sandbox, link, container (as now)', start: (pod) => withSandbox(parts, pod, true) },
    { name: 'sandbox and container, no link', start: (pod) => withSandbox(parts, pod, false) },
    { name: 'one container, no link', start: (pod) => alone(parts, pod, program, false) },
    { name: 'one container, linked after its start', start: (pod) => alone(parts, pod, watchful) },
    {
      name: 'one container, a program in front waits for the link',
      start: (pod) => alone(parts, pod, inFront(program)),
    },
    { name: 'container joins a sandbox made ahead', start: (pod) => warm(parts, pod, sandbox) },
    ...(network === undefined
      ? []
      : [{ name: "one container, the engine's own link", start: (pod: string) => engineLink(parts, pod, network) }]),
    ...(isPodman
      ? [{ name: 'one container, namespace made by its path', start: (pod: string) => named(parts, pod) }]
      : []),
  ];
}
