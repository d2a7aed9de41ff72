/** Questions to one process: restart or disturb an actor, show a trace, change log levels. */
import type { ActorSystem, Disturbance } from '../actors/index.ts';
import { limits, type LogLevel, type LogLevels, logLevels, type LogRule, type TraceStep } from '../base/index.ts';
import { type Bus, decode, encode, type Subjects } from '../bus/index.ts';

/** What a member asks any process of the cluster. */
type Question =
  | { readonly type: 'restart'; readonly address: string }
  | ({ readonly type: 'disturb'; readonly address: string } & Disturbance)
  /** Which steps of a trace it took. */
  | { readonly type: 'trace'; readonly traceId: string }
  /**
   * What it writes down; `level` changes that first, of the whole process or of the actors that fit. `default`: they
   * follow the level of the process again.
   */
  | {
      readonly type: 'log-levels';
      readonly actor?: string | undefined;
      readonly level?: LogLevel | 'default' | undefined;
    };

/** What a process writes down. */
export interface ProcessLevels {
  readonly process: string;
  readonly level: LogLevel;
  readonly rules: readonly LogRule[];
  /** The change did not fit: too many actors have another level. */
  readonly refused?: boolean | undefined;
}

/** Of the process itself: what its questions are answered from. */
interface Answering {
  readonly process: string;
  readonly system: ActorSystem;
  readonly traces?: { steps(traceId: string): readonly TraceStep[] } | undefined;
  readonly levels?: LogLevels | undefined;
}

/** Steps of one answer: it stays below the largest payload of the bus. */
const answerStepsMax = 1_000;
const patternLengthMax = 512;

/** The answer to what came over the bus; undefined for anything that is no question. */
export function answerOf(answering: Answering, payload: Uint8Array): unknown {
  const question = questionOf(payload);
  switch (question?.type) {
    case 'restart':
      return { restarted: answering.system.restart(question.address) };
    case 'disturb':
      return { waiting: answering.system.disturb(question.address, question) };
    case 'trace':
      return { steps: answering.traces?.steps(question.traceId).slice(-answerStepsMax) ?? [] };
    case 'log-levels':
      return answering.levels === undefined ? undefined : changed(answering.process, answering.levels, question);
    case undefined:
      return undefined;
  }
}

function changed(
  process: string,
  levels: LogLevels,
  { actor, level }: Extract<Question, { readonly type: 'log-levels' }>,
): ProcessLevels {
  let taken = true;
  if (level !== undefined && actor !== undefined)
    taken = levels.setLevel(actor, level === 'default' ? undefined : level);
  else if (level !== undefined && level !== 'default') levels.level = level;
  return { process, level: levels.level, rules: levels.rules, ...(taken ? {} : { refused: true }) };
}

function questionOf(payload: Uint8Array): Question | undefined {
  let value: unknown;
  try {
    value = decode(payload);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, address, traceId, actor, level, how, forMs } = value as Readonly<Record<string, unknown>>;
  if (type === 'restart' && typeof address === 'string') return { type, address };
  if (type === 'disturb' && typeof address === 'string' && isDisturbance(how) && typeof forMs === 'number')
    return { type, address, how, forMs };
  if (type === 'trace' && typeof traceId === 'string') return { type, traceId };
  if (type !== 'log-levels' || (actor !== undefined && !isPattern(actor)) || (level !== undefined && !isLevel(level)))
    return undefined;
  return { type, actor, level };
}

export function isDisturbance(value: unknown): value is Disturbance['how'] {
  return value === 'stall' || value === 'duplicate';
}

export function isLevel(value: unknown): value is LogLevel | 'default' {
  return value === 'default' || logLevels.some((level) => level === value);
}

/** A pattern of actors' addresses that is not unreasonably long. */
export function isPattern(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= patternLengthMax;
}

/** Rejects with BusError when the process does not answer. */
export async function askProcess<Answer>(
  { bus, subjects }: { readonly bus: Bus; readonly subjects: Subjects },
  process: string,
  question: Question,
): Promise<Answer> {
  const { payload } = await bus.request(subjects.treeControl(process), encode(question), { deadlineMs: limits.askMs });
  return decode(payload) as Answer;
}

/** What those processes answer that do; `silent` names the others. */
export async function askProcesses<Answer>(
  ports: { readonly bus: Bus; readonly subjects: Subjects },
  processes: readonly string[],
  question: Question,
): Promise<{ readonly answers: readonly Answer[]; readonly silent: readonly string[] }> {
  const asked = await Promise.allSettled(
    processes.map((process) => askProcess<Answer | null>(ports, process, question)),
  );
  const answers = asked.flatMap((one) => (one.status === 'fulfilled' && one.value !== null ? [one.value] : []));
  return { answers, silent: processes.filter((_, i) => asked[i]?.status === 'rejected') };
}
