import { pino, type Logger as PinoLogger } from 'pino';
import { actorPattern, limits, type LogFields, type Logger, type LogLevel, type LogLevels, logLevels, type LogRule } from '../base/index.ts';
import { currentTrace } from './tracing.ts';

const ranks = new Map(logLevels.map((level, rank) => [level, rank]));
const rankOf = (level: LogLevel): number => ranks.get(level) ?? 0;

/** A logger whose levels can be changed while it runs; loggers made by `with` follow. */
export type LeveledLogger = Logger & LogLevels;

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

function loggerOf(root: PinoLogger, levels: Levels, own: LogFields): Logger {
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string, fields?: LogFields): void => {
    if (!levels.writes(level, () => fields?.['actor'] ?? own['actor'] ?? currentTrace()?.actor)) return;
    root[level]({ ...traceFields(), ...own, ...fields }, message);
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    with: (fields) => loggerOf(root, levels, { ...own, ...fields }),
  };
}

/** The request that a line belongs to, and the actor that is at work on it. */
function traceFields(): LogFields | undefined {
  const trace = currentTrace();
  return trace === undefined ? undefined : { traceId: trace.traceId, ...(trace.actor === undefined ? {} : { actor: trace.actor }) };
}

/** JSON lines `{level, time, message, ...fields}` to `file` (appended; folders are made), or to stderr. */
export function openLogger(options: { readonly level?: LogLevel; readonly file?: string; readonly fields?: LogFields } = {}): LeveledLogger {
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
  const levels = new Levels(options.level ?? 'info');
  return {
    ...loggerOf(root, levels, options.fields ?? {}),
    get level() { return levels.level; },
    set level(level) { levels.level = level; },
    get rules() { return levels.rules; },
    setLevel: (pattern, level) => levels.setLevel(pattern, level),
  };
}
