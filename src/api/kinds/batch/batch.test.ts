import test from 'ava';
import { deepClone, fieldErrorText } from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import { scheduleProblem } from './cron-schedule.ts';
import { batchBehaviours } from './index.ts';

const behaviour = (resource: string) => {
  const found = batchBehaviours[`batch/${resource}`];
  if (found === undefined) throw new Error(`no behaviour for ${resource}`);
  return found;
};
const template = { spec: { containers: [{ name: 'c', image: 'i:1' }], restartPolicy: 'Never' } };

function job(spec: object = {}): KubeObject {
  const object: JsonObject = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j', namespace: 'n', uid: 'u1' },
    spec: deepClone({ template, ...spec }),
  };
  behaviour('jobs').defaults?.(object);
  behaviour('jobs').prepareForCreate?.(object);
  return object as unknown as KubeObject;
}

const texts = (resource: string, object: KubeObject, old?: KubeObject): string[] => {
  const errors =
    old === undefined ? behaviour(resource).validate?.(object) : behaviour(resource).validateUpdate?.(object, old);
  return (errors ?? []).map((error) => `${error.field}: ${fieldErrorText(error)}`);
};

test('a new job gets a selector of its own and labels that fulfil it', (t) => {
  const labels = {
    'controller-uid': 'u1',
    'job-name': 'j',
    'batch.kubernetes.io/controller-uid': 'u1',
    'batch.kubernetes.io/job-name': 'j',
  };
  const made = job();
  t.like(made.spec as object, {
    parallelism: 1,
    completions: 1,
    backoffLimit: 6,
    selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u1' } },
    template: { metadata: { labels } },
  });
  t.deepEqual(made.metadata.labels, labels);
  t.deepEqual(texts('jobs', made), []);
});

test('a job without labels shares all of its template, one with labels keeps to its own', (t) => {
  const labelled = { ...template, metadata: { labels: { own: '1' } } };
  t.is(Object.keys(job({ template: labelled }).metadata.labels ?? {}).length, 5);
  const object: JsonObject = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j', uid: 'u1', labels: { l: '1' } },
    spec: { template: deepClone(template) },
  };
  behaviour('jobs').defaults?.(object);
  behaviour('jobs').prepareForCreate?.(object);
  t.deepEqual((object['metadata'] as JsonObject)['labels'], { l: '1' });
});

test('a selector that was to be generated is not chosen by the client', (t) => {
  t.true(
    texts('jobs', job({ selector: { matchLabels: { a: 'b' } } })).includes(
      'spec.selector: Invalid value: {"matchLabels":{"batch.kubernetes.io/controller-uid":"u1","a":"b"}}: ' +
        '`selector` not auto-generated',
    ),
  );
});

test('pods of a job have to end', (t) => {
  t.deepEqual(texts('jobs', job({ template: { spec: { containers: template.spec.containers } } })), [
    'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ]);
});

test('limits per index need indexes', (t) => {
  t.deepEqual(texts('jobs', job({ backoffLimitPerIndex: 1 })), [
    'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
  ]);
  t.deepEqual(
    texts(
      'jobs',
      job({ completionMode: 'Indexed', completions: 3, parallelism: 1, maxFailedIndexes: 4, backoffLimitPerIndex: 1 }),
    ),
    ['spec.maxFailedIndexes: Invalid value: 4: must be less than or equal to completions'],
  );
});

test('a failure policy says what is wrong with its rules', (t) => {
  const rules = [
    { action: 'FailJob', onExitCodes: { operator: 'In', values: [3, 0, 3] } },
    { action: 'Explode' },
    { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] },
  ];
  t.deepEqual(texts('jobs', job({ podFailurePolicy: { rules } })), [
    'spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator',
    'spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 3',
    'spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [3,0,3]: must be ordered',
    'spec.podFailurePolicy.rules[1].action: Unsupported value: "Explode": supported values: "Count", ' +
      '"FailIndex", "FailJob", "Ignore"',
    'spec.podFailurePolicy.rules[1]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
  ]);
});

test('the success policy counts the indexes it names', (t) => {
  const indexed = { completionMode: 'Indexed', completions: 5, parallelism: 2 };
  t.deepEqual(
    texts('jobs', job({ ...indexed, successPolicy: { rules: [{ succeededIndexes: '0,2-3', succeededCount: 3 }] } })),
    [],
  );
  t.is(
    texts(
      'jobs',
      job({
        ...indexed,
        successPolicy: { rules: [{ succeededIndexes: '0,2-3', succeededCount: 4 }, { succeededIndexes: '3-1' }, {}] },
      }),
    ).length,
    3,
  );
  t.deepEqual(
    texts('jobs', job({ ...indexed, successPolicy: { rules: [{ succeededIndexes: '1,1', succeededCount: 1 }] } })),
    [
      'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "1,1": error parsing succeededIndexes: ' +
        'non-increasing order, previous: 1, current: 1',
      'spec.successPolicy.rules[0].succeededCount: Invalid value: 1: must be less than or equal to 0 (the ' +
        'number of indexes in the specified succeededIndexes field)',
    ],
  );
});

test('of a job parallelism changes, completions and template do not', (t) => {
  const old = job({ completions: 2, parallelism: 1 });
  t.deepEqual(texts('jobs', job({ completions: 2, parallelism: 5 }), old), []);
  t.deepEqual(texts('jobs', job({ completions: 3, parallelism: 1 }), old), [
    'spec.completions: Invalid value: 3: field is immutable',
  ]);
  const moved = { completions: 2, parallelism: 1, template: { spec: { ...template.spec, nodeSelector: { a: 'b' } } } };
  t.is(texts('jobs', job(moved), old).length, 1);
  const waiting = { suspend: true, completions: 2, parallelism: 1 };
  t.deepEqual(texts('jobs', job({ ...moved, suspend: true }), job(waiting)), []);
});

test('completions of an indexed job change to what its parallelism is', (t) => {
  const indexed = (completions: number | undefined, parallelism: number): KubeObject =>
    job({ completionMode: 'Indexed', completions, parallelism });
  t.deepEqual(texts('jobs', indexed(3, 3), indexed(4, 2)), []);
  t.deepEqual(texts('jobs', indexed(3, 2), indexed(4, 2)), [
    'spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism',
  ]);
  t.deepEqual(
    texts('jobs', indexed(undefined, 2), indexed(4, 2)),
    Array.from({ length: 2 }, () => 'spec.completions: Required value: when completion mode is Indexed'),
  );
});

test('a changed job is checked as a new one and as a change, and both are told', (t) => {
  const told = 'spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0';
  t.deepEqual(texts('jobs', job({ backoffLimit: -1 })), [told]);
  t.deepEqual(texts('jobs', job({ backoffLimit: -1 }), job()), [told, told]);
});

test('before its first start a job may be moved to other nodes, not to other pods', (t) => {
  const placed = (affinity: object | undefined): KubeObject =>
    job({ suspend: true, template: { spec: { ...template.spec, affinity } } });
  const near = {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'zone', labelSelector: { matchLabels: { a: 'b' } } },
      ],
    },
  };
  const where = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
      },
    },
  };
  t.deepEqual(texts('jobs', placed({ ...near, ...where }), placed(near)), []);
  t.deepEqual(texts('jobs', placed(undefined), placed(where)), []);
  t.is(texts('jobs', placed(near), placed(undefined)).length, 1);
  t.is(texts('jobs', placed(where), placed({ ...near, ...where })).length, 1);
});

test('a row says how a job stands', (t) => {
  const status = {
    startTime: '1970-01-01T00:00:00Z',
    completionTime: '1970-01-01T00:02:05Z',
    succeeded: 1,
    conditions: [{ type: 'Complete', status: 'True' }],
  };
  t.deepEqual(
    behaviour('jobs')
      .row({ ...job(), status }, 0)
      .slice(0, 4),
    ['j', 'Complete', '1/1', '2m5s'],
  );
});

function cronJob(spec: object): KubeObject {
  const object: JsonObject = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'c', namespace: 'n' },
    spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: deepClone(template) } }, ...spec },
  };
  behaviour('cronjobs').defaults?.(object);
  return object as unknown as KubeObject;
}

test('schedules, zones and policies of a cron job are checked', (t) => {
  t.deepEqual(texts('cronjobs', cronJob({ schedule: '@hourly', timeZone: 'Etc/UTC' })), []);
  t.deepEqual(
    texts('cronjobs', cronJob({ schedule: '61 * * * *', concurrencyPolicy: 'Maybe', timeZone: 'Mars/Base' })),
    [
      'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61',
      'spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base',
      'spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"',
    ],
  );
  t.deepEqual(texts('cronjobs', cronJob({ timeZone: 'europe/berlin' })), [
    'spec.timeZone: Invalid value: "europe/berlin": unknown time zone europe/berlin',
  ]);
  t.deepEqual(texts('cronjobs', cronJob({ timeZone: 'Local' })), [
    'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in ' +
      'https://www.iana.org/time-zones',
  ]);
  t.deepEqual(texts('cronjobs', cronJob({ schedule: 'TZ=UTC 0 * * * *' })), [
    'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone ' +
      'field instead',
  ]);
});

const schedules: readonly (readonly [string, string | undefined])[] = [
  ['0 0 1 1 *', undefined],
  ['0 9-17/2 * jan-mar mon,wed', undefined],
  ['@every 1h30m', undefined],
  ['? ? ? ? ?', undefined],
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['@often', 'unrecognized descriptor: @often'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['TZ=UTC', 'invalid schedule format: runtime error: slice bounds out of range [:-1]'],
  ['TZ=Mars/Base 0 * * * *', 'provided bad location Mars/Base: unknown time zone Mars/Base'],
];
for (const [schedule, problem] of schedules)
  test(`the schedule '${schedule}' is ${problem === undefined ? 'good' : 'refused'}`, (t) => {
    t.is(scheduleProblem(schedule), problem);
  });
