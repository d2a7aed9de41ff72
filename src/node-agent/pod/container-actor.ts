/** One container's actor: creates, starts, stops and probes it, as the pod's step decides. */
import type { ActorContext, Behaviour } from '../../actors/index.ts';
import { errorMessage, type Timer, type Timers } from '../../base/index.ts';
import type { Container, Pod } from '../../api/index.ts';
import {
  firstProbeMs,
  initialProbe,
  type ProbeKind,
  type ProbeOutcome,
  probePeriodMs,
  type ProbePorts,
  type ProbeState,
  probeStep,
  probeTimeoutMs,
  runHandler,
  runHook,
} from '../probes/index.ts';
import { retryWhileUnreachable } from '../retry.ts';
import { createContainer, type CreateRequest, startContainer, updateContainer } from './container-work.ts';
import { pipe, type Pipe } from './pipe.ts';
import { fieldPathOf } from './pod-event.ts';
import type { PodEvent, PodInput } from './pod-messages.ts';
import type { PodContext } from './pod-ports.ts';

/** What a container's actor is asked to do. It does one thing at a time; hooks, stops and probes run beside that. */
export type ContainerCommand =
  | { readonly type: 'create'; readonly request: CreateRequest }
  | { readonly type: 'start'; readonly container: Container; readonly id: string; readonly podIp: string }
  | { readonly type: 'update'; readonly pod: Pod; readonly container: Container; readonly id: string }
  | {
      readonly type: 'stop';
      readonly container: Container;
      readonly id: string;
      readonly graceMs: number;
      readonly preStop: boolean;
      readonly podIp: string;
    }
  | {
      readonly type: 'start-probes';
      readonly container: Container;
      readonly id: string;
      readonly podIp: string;
      readonly startedAt: number;
      readonly started: boolean;
      readonly ready: boolean;
    }
  | {
      readonly type: 'run-pre-stop';
      readonly container: Container;
      readonly id: string;
      readonly graceMs: number;
      readonly podIp: string;
    }
  | { readonly type: 'stop-probes'; readonly except?: ProbeKind | undefined }
  | { readonly type: 'probe-due'; readonly kind: ProbeKind; readonly round: number }
  | {
      readonly type: 'probe-outcome';
      readonly kind: ProbeKind;
      readonly round: number;
      readonly outcome: ProbeOutcome;
    };

interface RunningProbe {
  readonly state: ProbeState;
  readonly timer?: Timer | undefined;
  /** Tries of a readiness probe before its first period is over; their failures do not count. */
  readonly earlyTries: number;
}

interface ContainerActorState {
  /** Grows when probes start or stop: what belongs to an earlier round is dropped. */
  readonly round: number;
  readonly target?: { readonly container: Container; readonly id: string; readonly podIp: string } | undefined;
  readonly probes: ReadonlyMap<ProbeKind, RunningProbe>;
  /** The preStop hook that began before the stop; `done` never rejects. */
  readonly preStop?: { readonly id: string; readonly done: Promise<void> } | undefined;
}

interface ContainerActorOptions {
  readonly context: PodContext;
  readonly tell: (input: PodInput) => void;
  readonly event: (event: PodEvent) => void;
}

type Context = ActorContext<ContainerCommand>;

/** The hands of one container: what the pod's step decides is done here. */
export function containerActor(options: ContainerActorOptions): Behaviour<ContainerActorState, ContainerCommand> {
  return {
    initialState: () => ({ round: 0, probes: new Map() }),
    receive: async (state, command, context) => {
      switch (command.type) {
        case 'create':
          options.tell(await createContainer(options.context, command.request));
          return state;
        case 'start':
          await start(options, command);
          return state;
        case 'update':
          options.tell(await updateContainer(options.context, command));
          return state;
        case 'stop':
          pipe(beside(options, 'stop a container', options.tell), stop(options, command, state.preStop));
          return state;
        case 'run-pre-stop':
          return { ...state, preStop: { id: command.id, done: runPreStop(options, command) } };
        case 'start-probes':
          return startProbes(options, stopProbes(state), { command, context });
        case 'stop-probes':
          return stopProbes(state, command.except);
        case 'probe-due':
          return tryProbe(options, state, { command, context });
        case 'probe-outcome':
          return takeOutcome(options, state, { command, context });
      }
    },
    afterStop: (state) => {
      stopProbes(state);
    },
  };
}

async function start(
  options: ContainerActorOptions,
  command: Extract<ContainerCommand, { readonly type: 'start' }>,
): Promise<void> {
  const { container, id } = command;
  const inputs = await startContainer(options.context, container, id);
  for (const input of inputs) options.tell(input);
  const hook = container.lifecycle?.postStart;
  if (hook === undefined || inputs[0]?.type !== 'container-started' || inputs.length > 1) return;
  const about = { container: container.name, id };
  pipe(
    beside(options, 'run a postStart hook', ({ passed, message, warning }: ProbeOutcome) => {
      if (warning !== undefined) options.event(fallbackEvent(warning));
      options.tell(passed ? { type: 'hook-done', ...about } : { type: 'hook-failed', ...about, message });
    }),
    runHook(probePorts(options.context), { containerId: id, container, podIp: command.podIp }, hook, hookMs),
  );
}

/** Where the result of a job goes that runs beside this actor. */
function beside<Result>({ context }: ContainerActorOptions, job: string, tell: (result: Result) => void): Pipe<Result> {
  return { job, log: context.ports.log, about: { pod: context.uid }, tell };
}

/** As a kubelet's, it is about the pod, and names no container. */
const fallbackEvent = (message: string): PodEvent => ({ kind: 'Warning', reason: 'LifecycleHTTPFallback', message });

/** Kubernetes gives hooks no timeout; this bounds one that hangs. */
const hookMs = 3_600_000;

type Stop = Extract<ContainerCommand, { readonly type: 'stop' }>;

/** Runs the preStop hook, if there is one, for as long as there is time. Never rejects. */
async function runPreStop(
  options: ContainerActorOptions,
  { container, id, graceMs, podIp }: Pick<Stop, 'container' | 'id' | 'graceMs' | 'podIp'>,
): Promise<void> {
  const hook = container.lifecycle?.preStop;
  if (hook === undefined || graceMs <= 0) return;
  const outcome = await runHook(probePorts(options.context), { containerId: id, container, podIp }, hook, graceMs);
  if (outcome.warning !== undefined) options.event(fallbackEvent(outcome.warning));
  if (!outcome.passed)
    options.event({
      kind: 'Warning',
      reason: 'FailedPreStopHook',
      message: `PreStopHook failed: ${outcome.message}`,
      fieldPath: placeOf(container),
    });
}

/** Waits for what never rejects, but no longer than there is time. */
async function atMost(timers: Timers, ms: number, done: Promise<void>): Promise<void> {
  let timer: Timer | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = timers.after(ms, resolve);
  });
  await Promise.race([done, timeUp]);
  timer?.cancel();
}

/**
 * The preStop hook and the stop share the grace period; a container gets at least two seconds after its hook. `begun`:
 * a hook that runs already, or has run.
 */
async function stop(
  options: ContainerActorOptions,
  command: Stop,
  begun: ContainerActorState['preStop'],
): Promise<PodInput | undefined> {
  const { ports } = options.context;
  const { container, id } = command;
  const until = ports.clock.monotonic() + command.graceMs;
  if (command.preStop) {
    const ran = begun?.id === id ? begun.done : undefined;
    await (ran === undefined ? runPreStop(options, command) : atMost(ports.timers, command.graceMs, ran));
  }
  const left = Math.max(command.graceMs === 0 ? 0 : 2000, until - ports.clock.monotonic());
  try {
    const found = await retryWhileUnreachable(ports.timers, () =>
      ports.engine.runtime.stop(id, Math.min(left, Math.max(command.graceMs, 2000))),
    );
    // The engine's event reports the end; a container that is gone sends none.
    if (!found) return { type: 'container-lost', container: container.name, id };
  } catch (error) {
    ports.log.error('failed to stop a container', { container: container.name, id, error: errorMessage(error) });
    options.event({
      kind: 'Warning',
      reason: 'FailedKillPod',
      message: `error killing container ${container.name}: ${errorMessage(error)}`,
    });
  }
  return undefined;
}

function stopProbes(state: ContainerActorState, except?: ProbeKind): ContainerActorState {
  const going = [...state.probes].filter(([kind]) => kind === except);
  for (const [kind, { timer }] of state.probes) if (kind !== except) timer?.cancel();
  // The outcome of one that is asked right now belongs to no probe any more.
  if (going.length > 0) return { ...state, probes: new Map(going) };
  return { round: state.round + 1, probes: new Map(), preStop: state.preStop };
}

interface Turn<Type extends ContainerCommand['type']> {
  readonly command: Extract<ContainerCommand, { readonly type: Type }>;
  readonly context: Context;
}

const probePorts = ({ ports }: PodContext): ProbePorts => ({ runtime: ports.engine.runtime, timers: ports.timers });

const probeOf = (container: Container, kind: ProbeKind): Container['livenessProbe'] =>
  kind === 'startup'
    ? container.startupProbe
    : kind === 'readiness'
      ? container.readinessProbe
      : container.livenessProbe;

/** The startup probe comes first; the others begin when it has passed. */
function startProbes(
  options: ContainerActorOptions,
  state: ContainerActorState,
  { command, context }: Turn<'start-probes'>,
): ContainerActorState {
  const kinds: ProbeKind[] =
    command.container.startupProbe !== undefined && !command.started ? ['startup'] : ['readiness', 'liveness'];
  const probes = new Map<ProbeKind, RunningProbe>();
  const ranMs = Math.max(0, options.context.ports.clock.now() - command.startedAt);
  for (const kind of kinds) {
    const probe = probeOf(command.container, kind);
    if (probe === undefined) continue;
    const known = kind === 'readiness' && command.ready ? { verdict: true } : {};
    const timer = context.tellSelfAfter(Math.max(0, firstProbeMs(probe) - ranMs), {
      type: 'probe-due',
      kind,
      round: state.round,
    });
    probes.set(kind, { state: { ...initialProbe, ...known }, timer, earlyTries: 0 });
  }
  return { round: state.round, target: { container: command.container, id: command.id, podIp: command.podIp }, probes };
}

function tryProbe(
  options: ContainerActorOptions,
  state: ContainerActorState,
  { command, context }: Turn<'probe-due'>,
): ContainerActorState {
  const { target } = state;
  const probe = target === undefined ? undefined : probeOf(target.container, command.kind);
  if (command.round !== state.round || target === undefined || probe === undefined) return state;
  const { kind, round } = command;
  pipe(
    beside(options, 'probe a container', (outcome: ProbeOutcome) => {
      context.self.tell({ type: 'probe-outcome', kind, round, outcome });
    }),
    runHandler(
      probePorts(options.context),
      { containerId: target.id, container: target.container, podIp: target.podIp },
      probe,
      probeTimeoutMs(probe),
    ),
  );
  return state;
}

const probeNames: Readonly<Record<ProbeKind, string>> = {
  startup: 'Startup',
  readiness: 'Readiness',
  liveness: 'Liveness',
};

function takeOutcome(
  options: ContainerActorOptions,
  state: ContainerActorState,
  { command, context }: Turn<'probe-outcome'>,
): ContainerActorState {
  const { target } = state;
  const running = state.probes.get(command.kind);
  const probe = target === undefined ? undefined : probeOf(target.container, command.kind);
  if (command.round !== state.round || target === undefined || running === undefined || probe === undefined)
    return state;
  const { kind, outcome } = command;
  const { ports, uid } = options.context;
  if (outcome.unknown !== true)
    ports.probes.note({ podUid: uid, container: target.container.name }, kind, outcome.passed);
  const again = (delayMs: number, next: Omit<RunningProbe, 'timer'>): ContainerActorState => {
    const timer = context.tellSelfAfter(delayMs, { type: 'probe-due', kind, round: state.round });
    return { ...state, probes: new Map(state.probes).set(kind, { ...next, timer }) };
  };
  const earlyMs = earlyTryMs(kind, running, { passed: outcome.passed, periodMs: probePeriodMs(probe) });
  if (earlyMs !== undefined) return again(earlyMs, { state: running.state, earlyTries: running.earlyTries + 1 });
  if (!outcome.passed || outcome.warning !== undefined) options.event(probeEvent(kind, target.container, outcome));
  // What could not be asked is thrown away, as by a kubelet: an engine that is away is nothing against a container.
  if (outcome.unknown === true)
    return again(probePeriodMs(probe), { state: running.state, earlyTries: running.earlyTries });
  const step = probeStep(probe, running.state, outcome.passed);
  if (step.changed)
    tellVerdict(options, {
      target,
      kind,
      passed: outcome.passed,
      graceMs:
        probe.terminationGracePeriodSeconds === undefined ? undefined : probe.terminationGracePeriodSeconds * 1000,
    });
  return again(probePeriodMs(probe), { state: step.state, earlyTries: running.earlyTries });
}

/** Where a container with probes and hooks stands in its pod: among the init containers only sidecars have any. */
const placeOf = ({ name, restartPolicy }: Container): string =>
  fieldPathOf({ name, role: restartPolicy === 'Always' ? 'sidecar' : 'app' });

function probeEvent(kind: ProbeKind, container: Container, { passed, unknown, ...outcome }: ProbeOutcome): PodEvent {
  const what = passed ? 'warning' : unknown === true ? 'errored and resulted in unknown state' : 'failed';
  return {
    kind: 'Warning',
    reason: passed ? 'ProbeWarning' : 'Unhealthy',
    message: `${probeNames[kind]} probe ${what}: ${outcome.warning ?? outcome.message}`,
    fieldPath: placeOf(container),
  };
}

const firstEarlyMs = 100;

/**
 * A container that has just started is often ready long before a period is over: until then its readiness is asked at
 * growing distances, and a failure is not held against it. Undefined when the outcome counts.
 */
function earlyTryMs(
  kind: ProbeKind,
  running: RunningProbe,
  outcome: { readonly passed: boolean; readonly periodMs: number },
): number | undefined {
  const { passed, periodMs } = outcome;
  if (kind !== 'readiness' || passed || running.state.verdict !== undefined || running.state.run > 0) return undefined;
  const delayMs = firstEarlyMs * 2 ** running.earlyTries;
  const spentMs = delayMs - firstEarlyMs;
  return spentMs + delayMs <= periodMs ? delayMs : undefined;
}

function tellVerdict(
  options: ContainerActorOptions,
  verdict: {
    readonly target: NonNullable<ContainerActorState['target']>;
    readonly kind: ProbeKind;
    readonly passed: boolean;
    readonly graceMs?: number | undefined;
  },
): void {
  const { target, kind, passed } = verdict;
  const about = { container: target.container.name, id: target.id } as const;
  if (kind === 'readiness') options.tell({ type: 'probe-changed', ...about, probe: 'readiness', passed });
  else if (kind === 'startup' && passed)
    options.tell({ type: 'probe-changed', ...about, probe: 'startup', passed: true });
  else if (!passed)
    options.tell({
      type: 'probe-failed',
      ...about,
      probe: kind,
      graceMs: verdict.graceMs,
    });
}
