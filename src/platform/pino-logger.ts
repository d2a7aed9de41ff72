/** The logger on pino, with levels that can change per actor. */
import { pino, type Logger as PinoLogger } from 'pino';
import {
  actorPattern,
  limits,
  type LogFields,
  type Logger,
  type LogLevel,
  type LogLevels,
  logLevels,
  type LogRule,
} from '../base/index.ts';
import { currentTrace } from './tracing.ts';

const ranks = new Map(logLevels.map((level, rank) => [level, rank]));
const rankOf = (level: LogLevel): number => ranks.get(level) ?? 0;

/** A logger whose levels can be changed while it runs; loggers made by `with` follow. */
type LeveledLogger = Logger & LogLevels;

/** Which lines are written. */
class Levels implements LogLevels {
  level: LogLevel;
  #rules: readonly (LogRule & { readonly fits: (address: string) => boolean })[] = [];

  constructor(level: LogLevel) {
    this.level = level;
  }

  get rules(): readonly LogRule[] {
    return this.#rules.map(({ pattern, level }) => ({ pattern, level }));
  }

  setLevel(pattern: string, level: LogLevel | undefined): boolean {
    const others = this.#rules.filter((rule) => rule.pattern !== pattern);
    if (level !== undefined && others.length >= limits.logRulesMax) return false;
    this.#rules = level === undefined ? others : [...others, { pattern, level, fits: actorPattern(pattern) }];
    return true;
  }

  /** `actor` is asked for only where rules depend on it. */
  writes(level: LogLevel, actor: () => unknown): boolean {
    const rank = rankOf(level);
    if (this.#rules.length === 0) return rank >= rankOf(this.level);
    const address = actor();
    const rule = typeof address === 'string' ? this.#rules.findLast(({ fits }) => fits(address)) : undefined;
    return rank >= rankOf(rule?.level ?? this.level);
  }
}

/** One small object: an actor that logs has its own. */
class PinoBackedLogger implements Logger {
  readonly #root: PinoLogger;
  readonly #levels: Levels;
  readonly #own: LogFields;

  constructor(root: PinoLogger, levels: Levels, own: LogFields) {
    this.#root = root;
    this.#levels = levels;
    this.#own = own;
  }

  debug(message: string, fields?: LogFields): void {
    this.#write('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields);
  }

  with(fields: LogFields): Logger {
    return new PinoBackedLogger(this.#root, this.#levels, { ...this.#own, ...fields });
  }

  #write(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: LogFields): void {
    if (!this.#levels.writes(level, () => fields?.['actor'] ?? this.#own['actor'] ?? currentTrace()?.actor)) return;
    this.#root[level]({ ...traceFields(), ...this.#own, ...fields }, message);
  }
}

/** The first logger of a process: its holder may change the levels. */
class RootLogger extends PinoBackedLogger implements LogLevels {
  readonly #levels: Levels;

  constructor(root: PinoLogger, levels: Levels, own: LogFields) {
    super(root, levels, own);
    this.#levels = levels;
  }

  get level(): LogLevel {
    return this.#levels.level;
  }

  set level(level: LogLevel) {
    this.#levels.level = level;
  }

  get rules(): readonly LogRule[] {
    return this.#levels.rules;
  }

  setLevel(pattern: string, level: LogLevel | undefined): boolean {
    return this.#levels.setLevel(pattern, level);
  }
}

/** The request that a line belongs to, and the actor that is at work on it. */
function traceFields(): LogFields | undefined {
  const trace = currentTrace();
  return trace === undefined ? undefined : { traceId: trace.traceId, actor: trace.actor };
}

/** JSON lines `{level, time, message, ...fields}` to `file` (appended; folders are made), or to stderr. */
export function openLogger(
  options: { readonly level?: LogLevel; readonly file?: string | undefined; readonly fields?: LogFields } = {},
): LeveledLogger {
  const destination = pino.destination({ dest: options.file ?? 2, mkdir: true, append: true, sync: true, mode: 0o600 });
  const root = pino(
    {
      level: 'debug',
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err, cause: pino.stdSerializers.err },
    },
    destination,
  );
  return new RootLogger(root, new Levels(options.level ?? 'info'), options.fields ?? {});
}
