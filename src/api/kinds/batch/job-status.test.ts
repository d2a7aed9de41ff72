import type { Job, JobCondition, JobStatus, Sent } from '../../objects/index.ts';
import test from 'ava';
import { fieldErrorText } from '../../machinery/index.ts';
import { jobStatusErrors } from './job-status.ts';

const at = (hour: number): string => `2024-01-01T0${hour}:00:00Z`;
const conditions = (...types: readonly string[]): Sent<JobCondition>[] =>
  types.map((type) => ({ type, status: 'True' }));
const complete = conditions('Complete', 'SuccessCriteriaMet');
const failed = conditions('Failed', 'FailureTarget');
const indexed = { completionMode: 'Indexed', completions: 5, parallelism: 2, backoffLimitPerIndex: 1 };

function problems(status: Sent<JobStatus>, before: Sent<JobStatus>, spec: Sent<Job>['spec'] = {}): string[] {
  return jobStatusErrors({ spec, status }, { spec, status: before }).map(
    (error) => `${error.field}: ${fieldErrorText(error)}`,
  );
}

const rows: readonly (readonly [
  title: string,
  status: Sent<JobStatus>,
  before: Sent<JobStatus>,
  spec: Sent<Job>['spec'],
  told: readonly string[],
])[] = [
  [
    'that ends as it should is taken',
    { startTime: at(1), completionTime: at(2), succeeded: 1, conditions: complete },
    { startTime: at(1) },
    {},
    [],
  ],
  [
    'that fails as it should is taken',
    { startTime: at(1), failed: 1, conditions: failed },
    { startTime: at(1) },
    {},
    [],
  ],
  [
    'is complete with a time and an announcement',
    { conditions: conditions('Complete') },
    {},
    {},
    [
      'status.conditions: Invalid value: cannot set Complete=True condition without the ' +
        'SuccessCriteriaMet=true condition',
      'status.completionTime: Required value: completionTime is required for Complete jobs',
      'status.startTime: Required value: startTime is required for finished job',
    ],
  ],
  [
    'has a completion time only when it is complete',
    { startTime: at(2), completionTime: at(1) },
    { startTime: at(2) },
    {},
    [
      'status.completionTime: Invalid value: 2024-01-01 01:00:00 +0000 UTC: cannot set completionTime when ' +
        'there is no Complete=True condition',
      'status.completionTime: Invalid value: 2024-01-01 01:00:00 +0000 UTC: must be equal to or after `startTime`',
    ],
  ],
  [
    'fails with an announcement',
    { startTime: at(1), conditions: conditions('Failed') },
    { startTime: at(1) },
    {},
    ['status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition'],
  ],
  [
    'ends in one way',
    {
      startTime: at(1),
      completionTime: at(2),
      conditions: conditions('Complete', 'SuccessCriteriaMet', 'Failed', 'FailureTarget'),
    },
    { startTime: at(1) },
    {},
    [
      'status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions',
      'status.conditions: Invalid value: cannot set Complete=True and FailureTarget=true conditions',
      'status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and Failed=true conditions',
      'status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
    ],
  ],
  [
    'with a success policy is announced, also when nothing changes',
    { startTime: at(1), completionTime: at(2), conditions: conditions('Complete') },
    { startTime: at(1), completionTime: at(2), conditions: conditions('Complete') },
    { ...indexed, successPolicy: {} },
    [
      'status.conditions: Invalid value: cannot set Complete=True for Job with SuccessPolicy unless ' +
        'SuccessCriteriaMet=True',
    ],
  ],
  [
    'that is over is at rest',
    { startTime: at(1), active: 1, terminating: 1, uncountedTerminatedPods: { failed: ['a'] }, conditions: failed },
    { startTime: at(1) },
    {},
    [
      'status.active: Invalid value: 1: active>0 is invalid for finished job',
      'status.uncountedTerminatedPods: Invalid value: {"failed":["a"]}: must be empty for finished job',
      'status.terminating: Invalid value: 1: terminating>0 is invalid for finished job',
    ],
  ],
  [
    'that was over and not at rest can still be written',
    { startTime: at(1), active: 1, terminating: 1, failed: 3, conditions: failed },
    { startTime: at(1), active: 1, terminating: 1, conditions: failed },
    {},
    [],
  ],
  [
    'has no more ready pods than active ones',
    { active: 1, ready: 2 },
    {},
    {},
    ['status.ready: Invalid value: 2: cannot set more ready pods than active'],
  ],
  [
    'takes nothing back',
    { startTime: at(2), completionTime: at(4), succeeded: 1, failed: 1, conditions: [] },
    { startTime: at(1), completionTime: at(3), succeeded: 2, failed: 2, conditions: complete },
    {},
    [
      'status.completionTime: Invalid value: 2024-01-01 04:00:00 +0000 UTC: cannot set completionTime when ' +
        'there is no Complete=True condition',
      'status.conditions: Invalid value: cannot disable the terminal Complete=True condition',
      'status.failed: Invalid value: 1: cannot decrease the failed counter',
      'status.succeeded: Invalid value: 1: cannot decrease the succeeded counter',
      'status.completionTime: Invalid value: 2024-01-01 04:00:00 +0000 UTC: field is immutable',
      'status.startTime: Required value: startTime cannot be removed for unsuspended job',
      'status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition',
    ],
  ],
  ['begins anew when it is suspended', {}, { startTime: at(1) }, { suspend: true }, []],
  [
    'begins anew when it is resumed',
    { startTime: at(2) },
    { startTime: at(1), conditions: conditions('Suspended') },
    {},
    [],
  ],
  [
    'does not begin anew while it runs',
    { startTime: at(2) },
    { startTime: at(1) },
    {},
    ['status.startTime: Required value: startTime cannot be removed for unsuspended job'],
  ],
  ['loses succeeded indexes when it is scaled', { succeeded: 1 }, { succeeded: 2 }, { ...indexed, parallelism: 5 }, []],
  [
    'was complete before announcements were made',
    { startTime: at(1), completionTime: at(2), conditions: complete },
    { startTime: at(1), completionTime: at(2), conditions: conditions('Complete') },
    {},
    [
      'status.conditions: Invalid value: cannot set SuccessCriteriaMet=True for Job already has Complete=true ' +
        'conditions',
    ],
  ],
  [
    'names indexes in order, once each',
    { completedIndexes: '0-2,4', failedIndexes: '4,3' },
    {},
    indexed,
    [
      'status.failedIndexes: Invalid value: "4,3": error parsing failedIndexes: non-increasing order, ' +
        'previous: 4, current: 3',
      'status.failedIndexes: Invalid value: "4,3": failedIndexes and completedIndexes overlap at index: 4',
    ],
  ],
  [
    'names indexes that can be read',
    { completedIndexes: '1-2-3', failedIndexes: '9' },
    {},
    indexed,
    [
      'status.completedIndexes: Invalid value: "1-2-3": error parsing completedIndexes: the fragment "1-2-3" ' +
        "violates the requirement that an index interval can have at most two parts separated by '-'",
      'status.failedIndexes: Invalid value: "9": error parsing failedIndexes: too large index: "9"',
    ],
  ],
  [
    'names indexes only when it has some',
    { completedIndexes: '0', failedIndexes: '' },
    {},
    { completions: 1 },
    [
      'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed ' +
        'completion mode',
      'status.failedIndexes: Invalid value: "": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
    ],
  ],
  [
    'keeps indexes that are too many after a change of the spec',
    { completedIndexes: '0-9', succeeded: 10 },
    { completedIndexes: '0-9' },
    indexed,
    [],
  ],
  [
    'names no pod that is to be counted twice',
    { uncountedTerminatedPods: { succeeded: ['a', ''], failed: ['b', 'a'] } },
    {},
    {},
    [
      'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty',
      'status.uncountedTerminatedPods.failed[1]: Duplicate value: "a"',
    ],
  ],
];
for (const [title, status, before, spec, told] of rows)
  test(`the status of a job ${title}`, (t) => {
    t.deepEqual(problems(status, before, spec), told);
  });
