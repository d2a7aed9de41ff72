/** Takes an input about one container into its record. */
import { raiseBackOff, shortRetryMs } from '../container/index.ts';
import { containerEvent } from './pod-event.ts';
import type { PodEffect, PodInput } from './pod-messages.ts';
import { containerUpdated } from './pod-resize.ts';
import { type ContainerRecord, isAlive } from './pod-state.ts';

export type ContainerInput = Extract<PodInput, { readonly container: string }>;

/** The record afterwards, and what follows at once. */
type Change = readonly [ContainerRecord, readonly PodEffect[]];

interface Circumstances {
  readonly now: number;
  readonly graceMs: number;
}

type Changes = {
  readonly [Type in ContainerInput['type']]: (
    record: ContainerRecord,
    input: Extract<ContainerInput, { readonly type: Type }>,
    circumstances: Circumstances,
  ) => Change;
};

const changes: Changes = {
  'image-ready': (record, { id, user }) => [
    { ...record, waiting: undefined, image: { phase: 'present', id, user } },
    [],
  ],
  'image-failed': imageFailed,
  'container-created': (record, { sandboxId, id, hash }) => [
    { ...record, phase: 'created', sandboxId, id, hash, retries: 0 },
    [containerEvent(record, 'Normal', 'Created', `Created container: ${record.name}`)],
  ],
  'container-create-failed': createFailed,
  'container-started': started,
  'container-start-failed': startFailed,
  'hook-done': (record) => [hookDone(record), []],
  'hook-failed': hookFailed,
  'container-ended': (record, { end }) => [
    ended(record, end),
    record.id === end.id && isAlive(record) ? [{ type: 'stop-probes', container: record.name }] : [],
  ],
  'container-lost': (record, _input, { now }) => [
    ended(record, lostEnd(record, now)),
    [{ type: 'stop-probes', container: record.name }],
  ],
  'container-updated': (record, result, { now }) => [containerUpdated(record, result, now), []],
  'probe-changed': (record, { probe, passed }) => {
    if (probe === 'readiness') return [{ ...record, ready: passed }, []];
    const ready = passed && (record.ready || record.spec.readinessProbe === undefined);
    return [{ ...record, started: passed, ready }, []];
  },
  'probe-failed': probeFailed,
};

/** Pure. News of an earlier attempt change nothing. */
export function containerChange(record: ContainerRecord, input: ContainerInput, circumstances: Circumstances): Change {
  const isNew = input.type === 'image-ready' || input.type === 'container-created';
  if ('id' in input && !isNew && input.id !== record.id) return [record, []];
  const change = changes[input.type] as (record: ContainerRecord, input: ContainerInput, at: Circumstances) => Change;
  return change(record, input, circumstances);
}

/** Stops a container that is to be started again, if it is not being stopped yet. */
function stopForRestart(record: ContainerRecord, { now, graceMs }: Circumstances): Change {
  if (record.stopping !== undefined || record.id === undefined) return [record, []];
  return [
    { ...record, stopping: { deadline: now + graceMs } },
    [
      { type: 'stop-probes', container: record.name, except: 'readiness' },
      { type: 'stop-container', container: record.name, id: record.id, graceMs, preStop: true },
    ],
  ];
}

function imageFailed(
  record: ContainerRecord,
  input: { readonly reason: string; readonly message: string },
  { now }: Circumstances,
): Change {
  const image = {
    ...record.image,
    phase: 'failed' as const,
    reason: input.reason,
    message: input.message,
    failedAt: now,
    backOff: raiseBackOff(now, record.image.backOff),
    backingOff: false,
  };
  const events =
    input.reason === 'InvalidImageName'
      ? [
          containerEvent(record, 'Warning', 'InspectFailed', input.message),
          containerEvent(record, 'Warning', 'Failed', 'Error: InvalidImageName'),
        ]
      : input.reason === 'ErrImageNeverPull'
        ? [
            containerEvent(record, 'Warning', 'ErrImageNeverPull', input.message),
            containerEvent(record, 'Warning', 'Failed', 'Error: ErrImageNeverPull'),
          ]
        : [
            containerEvent(
              record,
              'Warning',
              'Failed',
              `Failed to pull image "${record.spec.image}": ${input.message}`,
            ),
            containerEvent(record, 'Warning', 'Failed', `Error: ${input.reason}`),
          ];
  return [{ ...record, image, waiting: { reason: input.reason, message: input.message } }, events];
}

function createFailed(
  record: ContainerRecord,
  input: { readonly reason: string; readonly message: string },
  { now }: Circumstances,
): Change {
  return [
    {
      ...record,
      phase: 'waiting',
      retries: record.retries + 1,
      retryAt: now + shortRetryMs(record.retries),
      waiting: { reason: input.reason, message: input.message },
    },
    [containerEvent(record, 'Warning', 'Failed', `Error: ${input.message}`)],
  ];
}

function started(record: ContainerRecord, input: { readonly id: string; readonly startedAt: number }): Change {
  if (record.phase === 'exited') return [record, []];
  const { waiting: _waiting, ...rest } = record;
  const next: ContainerRecord = { ...rest, phase: 'running', startedAt: input.startedAt, hookDone: false };
  const effects: PodEffect[] = [containerEvent(record, 'Normal', 'Started', `Started container ${record.name}`)];
  return [record.spec.lifecycle?.postStart === undefined ? hookDone(next) : next, effects];
}

/** The postStart hook is a part of the start: only after it has a container started, and may it be ready. */
function hookDone(record: ContainerRecord): ContainerRecord {
  const next = { ...record, hookDone: true };
  if (record.phase !== 'running' || record.stopping !== undefined) return next;
  const { startupProbe, readinessProbe } = record.spec;
  const started = startupProbe === undefined;
  return { ...next, started, ready: started && readinessProbe === undefined };
}

function startFailed(
  record: ContainerRecord,
  input: Extract<PodInput, { readonly type: 'container-start-failed' }>,
  { now }: Circumstances,
): Change {
  const { end } = input;
  return [
    { ...ended(record, end), retryAt: now },
    [containerEvent(record, 'Warning', 'Failed', `Error: ${end.message ?? end.reason}`)],
  ];
}

function ended(record: ContainerRecord, end: NonNullable<ContainerRecord['end']>): ContainerRecord {
  if (record.phase === 'exited' || (record.id !== undefined && record.id !== end.id)) return record;
  const { stopping: _stopping, waiting: _waiting, ...rest } = record;
  return { ...rest, phase: 'exited', end, started: false, ready: false };
}

function lostEnd(record: ContainerRecord, now: number): NonNullable<ContainerRecord['end']> {
  return {
    id: record.id ?? '',
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was terminated',
    finishedAt: now,
    startedAt: record.startedAt,
  };
}

/** What failed, and why where something was said. */
const failure = (what: string, message: string): string => (message === '' ? what : `${what}: ${message}`);

function hookFailed(record: ContainerRecord, input: { readonly message: string }, at: Circumstances): Change {
  const [stopped, effects] = stopForRestart({ ...record, hookDone: true }, at);
  return [
    stopped,
    [
      containerEvent(record, 'Warning', 'FailedPostStartHook', failure('PostStartHook failed', input.message)),
      containerEvent(record, 'Normal', 'Killing', 'FailedPostStartHook'),
      ...effects,
    ],
  ];
}

function probeFailed(
  record: ContainerRecord,
  { probe, graceMs }: Extract<ContainerInput, { readonly type: 'probe-failed' }>,
  at: Circumstances,
): Change {
  const [stopped, effects] = stopForRestart(record, { ...at, graceMs: graceMs ?? at.graceMs });
  if (effects.length === 0) return [stopped, []];
  const message = `Container ${record.name} failed ${probe} probe, will be restarted`;
  return [stopped, [containerEvent(record, 'Normal', 'Killing', message), ...effects]];
}
