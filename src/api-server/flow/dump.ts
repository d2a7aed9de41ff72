/** The present state of priority and fairness as text tables. */
import { apiVersionOf } from '../../api/index.ts';
import { assumedMs, type FairQueue } from './fair-queues.ts';
import type { PriorityLevel, Waiting, WaitingRequest } from './priority-level.ts';

type Level = Pick<PriorityLevel, 'name' | 'queues' | 'queued' | 'executing' | 'counts'>;
type Rows = readonly (readonly (string | number | boolean)[])[];

/** A row a priority level. */
export function dumpedLevels(levels: readonly Level[]): string {
  return table([
    [
      'PriorityLevelName',
      'ActiveQueues',
      'IsIdle',
      'IsQuiescing',
      'WaitingRequests',
      'ExecutingRequests',
      'DispatchedRequests',
      'RejectedRequests',
      'TimedoutRequests',
      'CancelledRequests',
    ],
    ...levels.map(({ name, queues, queued, executing, counts }) => [
      name,
      queues.filter(({ waiting }) => waiting.length > 0).length,
      queued + executing === 0,
      false,
      queued,
      executing,
      counts.dispatched,
      counts.rejected,
      counts.timedOut,
      counts.cancelled,
    ]),
  ]);
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(8)}ss`;

/** A row a queue. Each request has one seat. */
export function dumpedQueues(levels: readonly Level[]): string {
  const rowOf = ({ name }: Level, { waiting, executing, served }: FairQueue<Waiting>, index: number): Rows[number] => [
    name,
    index,
    waiting.length,
    executing,
    executing,
    seconds(served),
    waiting.length,
    waiting.length,
    seconds(waiting.length * assumedMs),
  ];
  return table([
    [
      'PriorityLevelName',
      'Index',
      'PendingRequests',
      'ExecutingRequests',
      'SeatsInUse',
      'NextDispatchR',
      'InitialSeatsSum',
      'MaxSeatsSum',
      'TotalWorkSum',
    ],
    ...levels.flatMap((level) => level.queues.map((queue, index) => rowOf(level, queue, index))),
  ]);
}

/** A row a request that waits. */
export function dumpedRequests(levels: readonly Level[], details: boolean): string {
  const more = ['UserName', 'Verb', 'APIPath', 'Namespace', 'Name', 'APIVersion', 'Resource', 'SubResource'];
  return table([
    [
      'PriorityLevelName',
      'FlowSchemaName',
      'QueueIndex',
      'RequestIndexInQueue',
      'FlowDistingsher',
      'ArriveTime',
      'InitialSeats',
      'FinalSeats',
      'AdditionalLatency',
      'StartTime',
      ...(details ? more : []),
    ],
    ...levels.flatMap(({ name, queues }) =>
      queues.flatMap(({ waiting }, queue) =>
        waiting.map(({ request }, index) => [
          name,
          request.schema,
          queue,
          index,
          request.distinguisher,
          new Date(request.arrivedAt).toISOString(),
          1,
          0,
          '0s',
          '0001-01-01T00:00:00Z',
          ...(details ? detailsOf(request) : []),
        ]),
      ),
    ),
  ]);
}

function detailsOf({ user, info }: WaitingRequest): readonly string[] {
  const { verb, path, namespace, name, group, version, resource, subresource } = info;
  return [user.name, verb, path, namespace, name, apiVersionOf({ group, version }), resource, subresource];
}

/**
 * As Go's tabwriter lays it out: a column is as wide as its widest cell and a space, eight at least; the last one is
 * not filled.
 */
function table(rows: Rows): string {
  const texts = rows.map((row) => row.map((cell, index) => `${String(cell)}${index < row.length - 1 ? ',' : ''}`));
  const widths = (texts[0] ?? []).map((_cell, index) =>
    Math.max(8, ...texts.map((row) => (row[index] ?? '').length + 1)),
  );
  return texts
    .map(
      (row) =>
        `${row.map((cell, index) => (index < row.length - 1 ? cell.padEnd(widths[index] ?? 0) : cell)).join('')}\n`,
    )
    .join('');
}
