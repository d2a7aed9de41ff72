/** One run: a cluster that is well, clients, faults, and the judgement of what the clients saw. */
import { type Clock, delay, errorMessage, seededRandom, type Timers } from '../../base/index.ts';
import { ApiClient } from '../clients/api-client.ts';
import { ConfigMaps } from '../clients/config-maps.ts';
import { SwarmConfigs } from '../clients/swarm-configs.ts';
import { Probes } from '../probes/probe.ts';
import { type FaultMoment, type FaultRecord, FaultRunner } from './fault-runner.ts';
import { RunNews } from './run-news.ts';
import { reportOf } from './run-report.ts';
import { withWaitingPods } from './waiting-pods.ts';
import type { Report } from '../report/report.ts';
import type { Scenario, WorkloadName } from '../scenario/scenario.ts';
import { scheduleOf } from '../scenario/schedule.ts';
import { Impossible, type Target } from '../targets/target.ts';
import { Ledger } from '../workloads/ledger.ts';
import { Rollout } from '../workloads/rollout.ts';
import { type Finding, untilTrue, type Workload, type WorkloadContext } from '../workloads/workload.ts';
import { workloadOf } from '../workloads/workloads.ts';

/** What a run tells while it lasts. */
export interface RunListener {
  readonly fault: (record: FaultRecord, moment: FaultMoment) => void;
  readonly say: (text: string) => void;
  /** Every second: attempts and failures of each probe so far, and what is wrong with the cluster. */
  readonly second: (atMs: number, probes: Probes, complaints: readonly string[]) => void;
}

interface RunOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly target: Target;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly signal: AbortSignal;
  readonly listener: RunListener;
}

const wellMs = 180_000;
const healMs = 120_000;
const calmMs = 2_000;
const goneMs = 60_000;
const watchEveryMs = 500;
/** An outage of the cluster as a whole: some process or node is not ready. */
const clusterToleranceMs = 1_500;

/** What a run has gathered so far. */
interface State {
  readonly options: RunOptions;
  readonly api: ApiClient;
  readonly namespace: string;
  readonly now: () => number;
  readonly probes: Probes;
  readonly workloads: Map<WorkloadName, Workload>;
  readonly impossible: string[];
  readonly news: RunNews;
  complaints: readonly string[];
  fromMs: number;
}

/** Leaves the cluster as it was, but for what the target made itself. Rejects only for what the run did wrong. */
export async function runScenario(options: RunOptions): Promise<Report> {
  const { target, clock, scenario } = options;
  const startedAt = new Date(clock.now()).toISOString();
  const t0 = clock.monotonic();
  const api = new ApiClient(target.access);
  const namespace = `chaos-${scenario.name}-${clock.now().toString(36)}`;
  const now = (): number => clock.monotonic() - t0;
  const state: State = {
    options,
    api,
    namespace,
    now,
    probes: new Probes(),
    workloads: new Map(),
    impossible: [...(target.unchecked ?? [])],
    news: new RunNews({ api, namespace, scenario, now }),
    complaints: [],
    fromMs: 0,
  };
  const observer = observe(state);
  try {
    const sick = await untilWell(state, wellMs);
    if (sick.length > 0) return reportOf({ ...state, startedAt, sick, records: [], findings: [] });
    await begin(state);
    const { records, unmended } = await strike(state);
    const findings = await judge(state, unmended);
    return reportOf({ ...state, startedAt, sick: [], records, findings });
  } finally {
    observer.cancel();
    await removeNamespace(state);
    api.close();
  }
}

function observe(state: State): { cancel(): void } {
  const { options, now, probes } = state;
  let [busy, ticks] = [false, 0];
  return options.timers.every(watchEveryMs, () => {
    if (busy) return;
    busy = true;
    const began = now();
    void options.target.complaints().then((complaints) => {
      state.complaints = complaints;
      busy = false;
      const probe = probes.of('cluster', clusterToleranceMs);
      if (state.fromMs > 0 && complaints.length === 0) probe.succeeded(began, now());
      else if (state.fromMs > 0) probe.failed(now(), complaints.join(', '));
      if (ticks++ % 2 === 0) options.listener.second(now(), probes, complaints);
      if (state.fromMs > 0 && options.target.swarm === undefined)
        void state.news.tell(state.fromMs, probes, complaints);
    });
  });
}

/** What is wrong when the time is over; empty: it is well. */
async function untilWell({ options, now }: State, withinMs: number): Promise<readonly string[]> {
  let complaints: readonly string[] = [];
  const awaited = { what: 'the cluster to be well', withinMs };
  await untilTrue({ timers: options.timers, now }, awaited, async () => {
    complaints = await options.target.complaints();
    return complaints.length === 0 || options.signal.aborted;
  }).catch(() => undefined);
  return complaints;
}

/** Makes the namespace; resolves when pods can be made in it. */
async function makeNamespace({ api, namespace, now, options }: State): Promise<void> {
  const metadata = { name: namespace, labels: { 'troupe.dev/chaos': 'true' } };
  await api.must({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata },
  });
  const account = { path: `/api/v1/namespaces/${namespace}/serviceaccounts/default` };
  const awaited = { what: "the namespace's account", withinMs: wellMs };
  await untilTrue({ timers: options.timers, now }, awaited, async () => {
    const outcome = await api.call(account);
    return outcome.type === 'answered' && outcome.status === 200;
  });
}

/** Starts the workloads; one that the cluster does not allow is noted. */
async function begin(state: State): Promise<void> {
  const { options, api, namespace, now, probes, workloads } = state;
  const { scenario, target, timers } = options;
  const isSwarm = target.swarm !== undefined;
  if (!isSwarm) await makeNamespace(state);
  const shared: Omit<WorkloadContext, 'count'> = {
    api,
    objects: isSwarm ? new SwarmConfigs(api) : new ConfigMaps(api, namespace),
    namespace,
    now,
    timers,
    random: seededRandom(options.seed),
    probes,
    ledger: new Ledger(),
    image: target.image,
    durationMs: scenario.durationMs,
  };
  // Watches begin before there is something to see.
  const order = [...scenario.workloads].sort(([one], [two]) => Number(two === 'watches') - Number(one === 'watches'));
  for (const [name, count] of order) {
    try {
      const workload = workloadOf(name, { ...shared, count }, target);
      await workload.start();
      workloads.set(name, workload);
    } catch (error) {
      if (!(error instanceof Impossible)) throw isSwarm ? error : await withWaitingPods(error, api, namespace);
      state.impossible.push(`workload ${name}: ${error.message}`);
    }
  }
  state.fromMs = now();
}

/** Lets the faults happen, and waits to the end of the scenario. */
async function strike(state: State): Promise<Pick<FaultRunner, 'records' | 'unmended'>> {
  const { options, api, namespace, now, fromMs, workloads, news } = state;
  const { scenario, target, timers, signal, listener, seed } = options;
  const told: RunListener['fault'] = (record, moment) => {
    listener.fault(record, moment);
    news.fault(record, moment);
  };
  const rollout = workloads.get('rollout');
  const excuse = (pod: string): void => {
    if (rollout instanceof Rollout) rollout.availability.excuse(pod);
  };
  const shared = { target, api, namespace, timers, now, excuse };
  const runner = new FaultRunner({ shared, fromMs, signal, told });
  try {
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
    const rest = Math.max(0, fromMs + scenario.durationMs - now());
    await Promise.all([runner.run(scheduleOf(scenario, seed)), Promise.race([delay(timers, rest), aborted])]);
  } finally {
    await runner.undo();
  }
  return runner;
}

interface Healing {
  /** What is wrong with the cluster in the end. */
  readonly left: readonly string[];
  readonly unmended: readonly string[];
  readonly tookMs: number;
}

function healedOf({ left, unmended, tookMs }: Healing): Finding {
  const sick = left.length === 0 ? [] : [`after ${healMs / 1_000} s still: ${left.join(', ')}`];
  const wrong = [...unmended, ...sick];
  return {
    invariant: 'cluster-heals',
    outcome: wrong.length === 0 ? 'held' : 'broken',
    detail:
      wrong.length === 0
        ? `every process and node was ready ${Math.round(tookMs)} ms after the last fault's end`
        : wrong.join('; '),
  };
}

/** Waits until the cluster is well again, ends the clients, and asks each what it saw. */
async function judge(state: State, unmended: readonly string[]): Promise<Report['invariants']> {
  const { options, now, workloads } = state;
  const began = now();
  const left = await untilWell(state, options.signal.aborted ? calmMs : healMs);
  const healed = healedOf({ left, unmended, tookMs: now() - began });
  await delay(options.timers, calmMs);
  options.listener.say('judging what the clients saw');
  const names = [...workloads.keys()];
  for (const name of names.filter((each) => each !== 'watches')) await workloads.get(name)?.stop();
  await workloads.get('watches')?.stop();
  const findings: Report['invariants'][number][] = [{ ...healed, workload: 'cluster' }];
  if (options.signal.aborted) return findings;
  for (const [name, workload] of workloads) {
    const found = await workload.judge().catch((error: unknown) => {
      options.listener.say(`${name} could not be judged: ${errorMessage(error)}`);
      return [];
    });
    findings.push(...found.map((finding) => ({ ...finding, workload: name })));
  }
  return findings;
}

/** Waits until the namespace is gone with all that is in it, unless the cluster goes as well. */
async function removeNamespace({ api, namespace, options, now }: State): Promise<void> {
  if (options.target.madeByRun) return;
  const path = `/api/v1/namespaces/${namespace}`;
  const awaited = { what: 'the namespace to go', withinMs: goneMs };
  await untilTrue({ timers: options.timers, now }, awaited, async () => {
    const outcome = await api.call({ method: 'DELETE', path });
    return outcome.type === 'answered' && outcome.status === 404;
  }).catch(() => {
    options.listener.say(`the namespace ${namespace} is not gone yet; see to it`);
  });
}
