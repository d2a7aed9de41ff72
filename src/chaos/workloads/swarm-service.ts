/** A service of a Docker Swarm that is asked every 10 ms, node by node; in the end every replica must answer. */
import type { Timer } from '../../base/index.ts';
import type { Swarm } from '../targets/swarm/swarm.ts';
import { ask, type Door, lastAsks, webProgram, webReplicas } from './web-server.ts';
import { type EvidenceRow, type Finding, untilTrue, type Workload, type WorkloadContext } from './workload.ts';

/** The service that faults of Services strike. */
export const swarmServiceName = 'web-service';

interface Task {
  readonly Status: { readonly State: string; readonly ContainerStatus?: { readonly ContainerID?: string } };
}

const port = 8080;
const probeMs = 10;
const replicasMs = 250;
const replicasToleranceMs = 1_000;
const nodeToleranceMs = 500;
const underWayMax = 200;
const readyMs = 120_000;
const idLength = 12;
const nsPerSecond = 1e9;

/**
 * With the routing mesh every node leads to every replica. Without it each node has one replica, which it publishes
 * itself: a client finds the others by asking the next node.
 */
export class SwarmService implements Workload {
  readonly #context: WorkloadContext;
  readonly #swarm: Swarm;
  readonly #doors: readonly (Door & { readonly name: string })[];
  readonly #timers: Timer[] = [];
  #underWay = 0;
  #asked = 0;
  /** Names that replicas answer with: ids of their containers, shortened as Docker does. */
  #running: readonly string[] = [];

  constructor(context: WorkloadContext, swarm: Swarm) {
    this.#context = context;
    this.#swarm = swarm;
    this.#doors = swarm.machines.map(({ name, address }) => ({ name, host: address, port }));
  }

  async start(): Promise<void> {
    const { api, image, timers } = this.#context;
    await api.must({ method: 'POST', path: '/services/create', body: swarmService(image, this.#swarm.meshProblem) });
    const awaited = { what: `${swarmServiceName} to answer`, withinMs: readyMs };
    await untilTrue(this.#context, awaited, async () => {
      await this.#look();
      const answers = await Promise.all(this.#doors.map((door) => ask(door)));
      return this.#running.length === webReplicas && answers.filter(({ ok }) => ok).length >= webReplicas;
    });
    this.#timers.push(
      timers.every(probeMs, () => {
        if (this.#underWay < underWayMax) void this.#probe();
      }),
      timers.every(replicasMs, () => void this.#count()),
    );
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    const awaited = { what: 'the last answers', withinMs: readyMs };
    await untilTrue(this.#context, awaited, () => this.#underWay === 0);
  }

  counts(): Readonly<Record<string, number>> {
    return { asked: this.#asked, endpoints: this.#running.length };
  }

  async judge(): Promise<readonly Finding[]> {
    const awaited = { what: 'the replicas to run', withinMs: readyMs };
    await untilTrue(this.#context, awaited, async () => {
      await this.#look();
      return this.#running.length === webReplicas;
    }).catch(() => undefined);
    const reached = new Map<string, number>();
    for (let i = 0; i < lastAsks; i++) {
      const { ok, text } = await ask(this.#door(i));
      if (ok) reached.set(text, (reached.get(text) ?? 0) + 1);
    }
    const forgotten = this.#running.filter((name) => !reached.has(name));
    const missing = webReplicas - this.#running.length;
    return [
      {
        invariant: 'endpoints-reached',
        outcome: forgotten.length > 0 || missing > 0 ? 'broken' : 'held',
        detail:
          `${forgotten.length} of ${this.#running.length} running replicas are not reached at the nodes, ` +
          `and ${missing} of ${webReplicas} do not run`,
        evidence: this.#running.map((name): EvidenceRow => ({
          atMs: this.#context.now(),
          who: name,
          what: `runs and answered ${reached.get(name) ?? 0} of ${lastAsks} requests to the nodes`,
        })),
      },
    ];
  }

  #door(turn: number): Door & { readonly name: string } {
    return this.#doors[turn % this.#doors.length] as Door & { readonly name: string };
  }

  async #probe(): Promise<void> {
    const { now, probes } = this.#context;
    const [began, door] = [now(), this.#door(this.#asked)];
    this.#asked += 1;
    this.#underWay += 1;
    const { ok, text } = await ask(door);
    this.#underWay -= 1;
    for (const probe of [probes.of('service', 200), probes.of(`service at ${door.name}`, nodeToleranceMs)])
      if (ok) probe.succeeded(began, now());
      else probe.failed(now(), text);
  }

  async #count(): Promise<void> {
    const { now, probes } = this.#context;
    const began = now();
    if (!(await this.#look())) return;
    const probe = probes.of('replicas', replicasToleranceMs);
    if (this.#running.length === webReplicas) probe.succeeded(began, now());
    else probe.failed(now(), `${this.#running.length} of ${webReplicas} run`);
  }

  /** Asks the managers in turn which replicas run; answers whether one of them said so. */
  async #look(): Promise<boolean> {
    const filters = encodeURIComponent(JSON.stringify({ service: [swarmServiceName], 'desired-state': ['running'] }));
    for (let turn = 0; turn < this.#swarm.managers.length; turn++) {
      const outcome = await this.#context.api.call({ path: `/tasks?filters=${filters}`, turn, timeoutMs: 1_000 });
      if (outcome.type !== 'answered' || outcome.status !== 200) continue;
      const tasks = JSON.parse(outcome.text) as readonly Task[];
      const running = tasks.filter(({ Status }) => Status.State === 'running');
      this.#running = running.map(({ Status }) => (Status.ContainerStatus?.ContainerID ?? '').slice(0, idLength));
      return true;
    }
    return false;
  }
}

/** Of three replicas that are taken off one by one, as a rolling update does; new ones count once they are healthy. */
function swarmService(image: string, meshProblem: string | undefined): object {
  const PublishMode = meshProblem === undefined ? 'ingress' : 'host';
  return {
    Name: swarmServiceName,
    TaskTemplate: {
      ContainerSpec: {
        Image: image,
        Command: ['sh', '-c', webProgram],
        StopGracePeriod: 5 * nsPerSecond,
        Healthcheck: {
          Test: ['CMD-SHELL', `wget -q -O /dev/null http://127.0.0.1:${port}/`],
          Interval: nsPerSecond,
          Timeout: 2 * nsPerSecond,
          Retries: 3,
        },
      },
      Placement: { MaxReplicas: 1 },
    },
    Mode: { Replicated: { Replicas: webReplicas } },
    UpdateConfig: { Parallelism: 1, Order: 'stop-first', FailureAction: 'pause', Monitor: nsPerSecond },
    EndpointSpec: { Ports: [{ Protocol: 'tcp', TargetPort: port, PublishedPort: port, PublishMode }] },
  };
}
