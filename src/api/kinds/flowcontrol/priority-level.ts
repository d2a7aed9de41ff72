/** The kind PriorityLevelConfiguration: defaults, validation and Table columns. */

import type {
  LimitResponse,
  LimitedPriorityLevelConfiguration,
  PriorityLevelConfiguration,
  QueuingConfiguration,
  Sent,
} from '../../objects/index.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { statusSubresource, strategy } from '../strategy.ts';
import { fixedLevelErrors } from './fixed.ts';
import { flowConditionErrors } from './flow-conditions.ts';

const queuesMax = 10_000_000;
/** The queues of a flow are chosen by the bits of one hash. */
const hashBitsMax = 60;
const defaultShares = 30;
const defaultQueuing = { queues: 64, handSize: 8, queueLengthLimit: 50 };

const levelOf = (object: object): Sent<PriorityLevelConfiguration> => object as Sent<PriorityLevelConfiguration>;

function defaultQueues(queuing: Sent<QueuingConfiguration>): void {
  queuing.queues ||= defaultQueuing.queues;
  queuing.handSize ||= defaultQueuing.handSize;
  queuing.queueLengthLimit ||= defaultQueuing.queueLengthLimit;
}

function defaultLevel(level: Sent<PriorityLevelConfiguration>): void {
  const spec = (level.spec ??= {});
  if (spec.type === 'Exempt') {
    spec.exempt ??= {};
    spec.exempt.nominalConcurrencyShares ??= 0;
    spec.exempt.lendablePercent ??= 0;
  }
  if (spec.limited === undefined) return;
  spec.limited.nominalConcurrencyShares ??= defaultShares;
  spec.limited.lendablePercent ??= 0;
  if (spec.limited.limitResponse?.queuing !== undefined) defaultQueues(spec.limited.limitResponse.queuing);
}

function queuingErrors(queuing: Sent<QueuingConfiguration>, path: string): FieldError[] {
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing;
  const handProblem = handSizeProblem(queues, handSize);
  return [
    ...(queueLengthLimit <= 0 ? [invalid(`${path}.queueLengthLimit`, queueLengthLimit, 'must be positive')] : []),
    ...(queues <= 0 ? [invalid(`${path}.queues`, queues, 'must be positive')] : []),
    ...(queues > queuesMax ? [invalid(`${path}.queues`, queues, `must not be greater than ${queuesMax}`)] : []),
    ...(handProblem === undefined ? [] : [invalid(`${path}.handSize`, handSize, handProblem)]),
  ];
}

/** Why a flow cannot choose among so many queues; undefined: it can. */
function handSizeProblem(queues: number, handSize: number): string | undefined {
  if (handSize <= 0) return 'must be positive';
  if (handSize > queues) return `should not be greater than queues (${queues})`;
  const tooMuch = Math.ceil(Math.log2(queues) * handSize) > hashBitsMax;
  return tooMuch
    ? `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${hashBitsMax}`
    : undefined;
}

function responseErrors(response: Sent<LimitResponse> | undefined, path: string): FieldError[] {
  const { type = '', queuing } = response ?? {};
  if (type === 'Reject')
    return queuing === undefined
      ? []
      : [forbidden(`${path}.queuing`, 'must be nil if limited.limitResponse.type is not Limited')];
  if (type !== 'Queue') return [notSupported(`${path}.type`, type, ['Queue', 'Reject'])];
  return queuing === undefined
    ? [required(`${path}.queuing`, 'must not be empty if limited.limitResponse.type is Limited')]
    : queuingErrors(queuing, `${path}.queuing`);
}

function shareErrors(shares: number | undefined, lendable: number | undefined, path: string): FieldError[] {
  return [
    ...(shares !== undefined && shares < 0
      ? [invalid(`${path}.nominalConcurrencyShares`, shares, 'must be a non-negative integer')]
      : []),
    ...(lendable !== undefined && (lendable < 0 || lendable > 100)
      ? [invalid(`${path}.lendablePercent`, lendable, 'must be between 0 and 100, inclusive')]
      : []),
  ];
}

function limitedErrors(limited: Sent<LimitedPriorityLevelConfiguration>, path: string): FieldError[] {
  const borrowing = limited.borrowingLimitPercent;
  return [
    ...shareErrors(limited.nominalConcurrencyShares, limited.lendablePercent, path),
    ...(borrowing !== undefined && borrowing < 0
      ? [invalid(`${path}.borrowingLimitPercent`, borrowing, 'if specified, must be a non-negative integer')]
      : []),
    ...responseErrors(limited.limitResponse, `${path}.limitResponse`),
  ];
}

function levelErrors(object: KubeObject): FieldError[] {
  const { type = '', limited, exempt } = levelOf(object).spec ?? {};
  const misnamed =
    (object.metadata.name === 'exempt') !== (type === 'Exempt')
      ? [invalid('spec.type', type, "type must be 'Exempt' if and only if name is 'exempt'")]
      : [];
  if (type === 'Exempt') {
    return [
      ...misnamed,
      ...(limited === undefined ? [] : [forbidden('spec.limited', 'must be nil if the type is not Limited')]),
      ...shareErrors(exempt?.nominalConcurrencyShares, exempt?.lendablePercent, 'spec.exempt'),
    ];
  }
  if (type !== 'Limited') return [...misnamed, notSupported('spec.type', type, ['Exempt', 'Limited'])];
  return [
    ...misnamed,
    ...(exempt === undefined ? [] : [forbidden('spec.exempt', 'must be nil if the type is Limited')]),
    ...(limited === undefined
      ? [required('spec.limited', 'must not be empty when type is Limited')]
      : limitedErrors(limited, 'spec.limited')),
  ];
}

const none = '<none>';

export const priorityLevelBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: true }),
  defaults: (object) => {
    defaultLevel(levelOf(object));
  },
  validate: (object) => [...levelErrors(object), ...fixedLevelErrors(object)],
  subresources: {
    status: {
      ...statusSubresource(),
      validateUpdate: (object) => flowConditionErrors(levelOf(object).status?.conditions),
    },
  },
  columns: [
    nameColumn,
    column('Type', 'Whether requests are limited: Limited or Exempt.'),
    column('NominalConcurrencyShares', 'Share of the concurrent requests that the level may use.'),
    column('Queues', 'Number of queues.'),
    column('HandSize', 'Number of queues from which a flow chooses.'),
    column('QueueLengthLimit', 'Maximum number of requests in a queue.'),
    ageColumn,
  ],
  row(object, now) {
    const spec = levelOf(object).spec ?? {};
    const queuing = spec.limited?.limitResponse?.queuing;
    const shares = spec.limited?.nominalConcurrencyShares ?? spec.exempt?.nominalConcurrencyShares ?? none;
    return [
      object.metadata.name ?? '',
      spec.type ?? '',
      shares,
      queuing?.queues ?? none,
      queuing?.handSize ?? none,
      queuing?.queueLengthLimit ?? none,
      ageOf(object, now),
    ];
  },
};
