/** A StatefulSet that counts on its volume: one identity is alive at a time, and the counter never goes back. */
import { soonElsewhere } from './rollout.ts';
import { type EvidenceRow, type Finding, untilTrue, type Workload, type WorkloadContext } from './workload.ts';

/** A step that a pod wrote down, beside the counter, on the volume. */
interface CounterStep {
  readonly uid: string;
  readonly value: number;
}

const readyMs = 120_000;
/** The whole history comes out at the start, so that the newest pod's log holds it. */
const program = `touch /data/log; grep -E '^[^ ]+ [0-9]+$' /data/log; i=$(cat /data/n 2>/dev/null || echo 0)
while :; do
  i=$((i + 1)); echo $i > /data/n.new && mv /data/n.new /data/n
  echo "$POD_UID $i" | tee -a /data/log; sleep 0.2
done`;

/** Where the history goes back, or a pod writes after another one had taken over. Pure. */
export function counterFaults(steps: readonly CounterStep[]): {
  readonly back: readonly string[];
  readonly twoAlive: readonly string[];
} {
  const ended = new Set<string>();
  const [back, twoAlive]: [string[], string[]] = [[], []];
  for (const [i, { uid, value }] of steps.entries()) {
    const before = steps[i - 1];
    if (before === undefined) continue;
    if (value <= before.value) back.push(`${uid} wrote ${value} after ${before.uid} had written ${before.value}`);
    if (before.uid !== uid) ended.add(before.uid);
    if (ended.has(uid)) twoAlive.push(`${uid} wrote ${value} after ${before.uid} had taken over`);
  }
  return { back, twoAlive };
}

export class CounterWorkload implements Workload {
  readonly #context: WorkloadContext;
  #steps: readonly CounterStep[] = [];

  constructor(context: WorkloadContext) {
    this.#context = context;
  }

  async start(): Promise<void> {
    const { api, namespace } = this.#context;
    const path = `/apis/apps/v1/namespaces/${namespace}/statefulsets`;
    await api.must({ method: 'POST', path, body: this.#set() });
    const awaited = { what: 'the counter to run', withinMs: readyMs };
    await untilTrue(this.#context, awaited, async () => (await this.#read()).length > 0);
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  counts(): Readonly<Record<string, number>> {
    const pods = new Set(this.#steps.map(({ uid }) => uid)).size;
    return { steps: this.#steps.length, pods, counter: this.#steps.at(-1)?.value ?? 0 };
  }

  async judge(): Promise<readonly Finding[]> {
    const before = this.#steps.length;
    const awaited = { what: 'the counter to go on', withinMs: readyMs };
    const goesOn = await untilTrue(this.#context, awaited, async () => {
      const steps = await this.#read();
      if (steps.length > before) this.#steps = steps;
      return steps.length > before;
    }).then(
      () => true,
      () => false,
    );
    const { back, twoAlive } = counterFaults(this.#steps);
    const detail = `${this.#steps.length} steps by ${this.counts()['pods'] ?? 0} pods`;
    const finding = (invariant: 'one-identity' | 'counter-grows', wrong: readonly string[]): Finding => ({
      invariant,
      outcome: wrong.length > 0 ? 'broken' : goesOn ? 'held' : 'undecided',
      detail: goesOn ? `${wrong.length} times broken in ${detail}` : 'the counter could not be read in the end',
      evidence: wrong.slice(0, 20).map((what): EvidenceRow => ({ atMs: this.#context.now(), who: 'counter-0', what })),
    });
    return [finding('one-identity', twoAlive), finding('counter-grows', back)];
  }

  async #read(): Promise<readonly CounterStep[]> {
    const { api, namespace } = this.#context;
    const outcome = await api.call({ path: `/api/v1/namespaces/${namespace}/pods/counter-0/log`, timeoutMs: 20_000 });
    if (outcome.type !== 'answered' || outcome.status !== 200) return [];
    return outcome.text.split('\n').flatMap((line) => {
      const [, uid, value] = /^(\S+) (\d+)$/.exec(line) ?? [];
      return uid === undefined ? [] : [{ uid, value: Number(value) }];
    });
  }

  #set(): object {
    const env = [{ name: 'POD_UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } }];
    const container = {
      name: 'c',
      image: this.#context.image,
      env,
      command: ['sh', '-c', program],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    };
    return {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'counter' },
      spec: {
        replicas: 1,
        serviceName: 'counter',
        selector: { matchLabels: { chaos: 'counter' } },
        template: {
          metadata: { labels: { chaos: 'counter' } },
          spec: { terminationGracePeriodSeconds: 1, tolerations: soonElsewhere, containers: [container] },
        },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Mi' } } },
          },
        ],
      },
    };
  }
}
