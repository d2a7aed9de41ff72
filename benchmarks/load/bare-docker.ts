/** Measures the floor of a pod's start: its containers by bare calls of Docker. */
import { Agent, request } from 'node:http';

interface Template {
  readonly sandbox: CreateBody;
  readonly container: CreateBody;
}

interface CreateBody {
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

interface BarePod {
  readonly sandbox: string;
  readonly container: string;
}

const socketPath = '/var/run/docker.sock';
/** So many start at once, and so many are removed beside that, as with an agent. */
const startsAtOnce = 8;
const removalsAtOnce = 2;
const graceSeconds = 5;
const shimGroup = 'io.containerd.runc.v2.group';

/**
 * The floor of a pod's start: the same two containers, by the same calls of the engine in the same order, and nothing
 * else. No API, no scheduler, no link to a bridge, no files, no status.
 */
export class BareDocker {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #template: Template;
  readonly #pods: BarePod[] = [];
  #made = 0;

  private constructor(template: Template) {
    this.#template = template;
  }

  /** What is made is what the engine says of a pod that runs, but for its names and labels. */
  static async like(cluster: string, pod: string): Promise<BareDocker> {
    const agent = new Agent();
    const bodyOf = async (role: string): Promise<CreateBody> => {
      const filters = JSON.stringify({
        label: [`troupe.cluster=${cluster}`, `troupe.pod.name=${pod}`, `troupe.role=${role}`],
      });
      const [found] = await call<{ Id: string }[]>(
        agent,
        'GET',
        `/containers/json?filters=${encodeURIComponent(filters)}`,
      );
      if (found === undefined) throw new Error(`pod ${pod} has no ${role} at the engine`);
      const { Config, HostConfig } = await call<{
        Config: Record<string, unknown>;
        HostConfig: Record<string, unknown>;
      }>(agent, 'GET', `/containers/${found.Id}/json`);
      return { ...Config, Labels: {}, HostConfig };
    };
    const { Hostname: _taken, Domainname: _too, ...container } = await bodyOf('container');
    return new BareDocker({ sandbox: await bodyOf('sandbox'), container: container as CreateBody });
  }

  /** Answers in ms how long it took. */
  async start(): Promise<number> {
    const started = performance.now();
    const name = `bare-${process.pid}-${this.#made++}`;
    const create = async (part: string, body: CreateBody, host: object): Promise<string> =>
      (
        await this.#call<{ Id: string }>('POST', `/containers/create?name=${name}-${part}`, {
          ...body,
          HostConfig: { ...body.HostConfig, ...host, Annotations: { [shimGroup]: name } },
        })
      ).Id;
    const sandbox = await create('sandbox', this.#template.sandbox, {});
    const joining = `container:${sandbox}`;
    const created = create('container', this.#template.container, { NetworkMode: joining, IpcMode: joining });
    await this.#call('POST', `/containers/${sandbox}/start`);
    const container = await created;
    await this.#call('POST', `/containers/${container}/start`);
    this.#pods.push({ sandbox, container });
    return performance.now() - started;
  }

  /** Ends and removes the oldest one. */
  async stop(): Promise<void> {
    const pod = this.#pods.shift();
    if (pod === undefined) return;
    await this.#call('POST', `/containers/${pod.container}/stop?t=${graceSeconds}`);
    for (const id of [pod.container, pod.sandbox]) await this.#call('DELETE', `/containers/${id}?force=true&v=true`);
  }

  /** In seconds: until `count` run; then until as many new ones run, while each takes an old one's place. */
  async deployment(count: number): Promise<{ readonly up: number; readonly update: number }> {
    const timed = async (started: (index: number) => void): Promise<number> => {
      const from = performance.now();
      let next = 0;
      await Promise.all(
        Array.from({ length: startsAtOnce }, async () => {
          while (next < count) {
            const index = next++;
            await this.start();
            started(index);
          }
        }),
      );
      return (performance.now() - from) / 1000;
    };
    await this.stopAll();
    const up = await timed(() => undefined);
    const removals = Array.from({ length: removalsAtOnce }, () => Promise.resolve());
    const update = await timed((index) => {
      const turn = index % removalsAtOnce;
      removals[turn] = (removals[turn] ?? Promise.resolve()).then(() => this.stop());
    });
    await Promise.all(removals);
    return { up, update };
  }

  async stopAll(): Promise<void> {
    while (this.#pods.length > 0) await this.stop();
  }

  async close(): Promise<void> {
    await this.stopAll();
    this.#agent.destroy();
  }

  #call<T>(method: string, path: string, body?: object): Promise<T> {
    return call(this.#agent, method, path, body);
  }
}

function call<T>(agent: Agent, method: string, path: string, body?: object): Promise<T> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { socketPath, agent, method, path, headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => {
          if ((response.statusCode ?? 500) >= 400) reject(new Error(`${method} ${path}: ${text}`));
          else resolve((text === '' ? undefined : JSON.parse(text)) as T);
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
