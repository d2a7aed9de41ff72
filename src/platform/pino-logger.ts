import { pino, type Logger as PinoLogger } from 'pino';
import type { LogFields, Logger } from '../base/index.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** A logger whose level can be changed while it runs; loggers made by `with` follow. */
export interface LeveledLogger extends Logger {
  level: LogLevel;
}

function loggerOf(root: PinoLogger, own: LogFields): Logger {
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string, fields?: LogFields): void => {
    if (!root.isLevelEnabled(level)) return;
    root[level]({ ...own, ...fields }, message);
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    with: (fields) => loggerOf(root, { ...own, ...fields }),
  };
}

/** JSON lines `{level, time, message, ...fields}` to `file` (appended; folders are made), or to stderr. */
export function openLogger(options: { readonly level?: LogLevel; readonly file?: string; readonly fields?: LogFields } = {}): LeveledLogger {
  const destination = pino.destination({ dest: options.file ?? 2, mkdir: true, append: true, sync: true, mode: 0o600 });
  const root = pino(
    {
      level: options.level ?? 'info',
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err, cause: pino.stdSerializers.err },
    },
    destination,
  );
  const logger = loggerOf(root, options.fields ?? {});
  return Object.defineProperty({ ...logger }, 'level', {
    enumerable: true,
    get: () => root.level,
    set: (level: LogLevel) => { root.level = level; },
  }) as LeveledLogger;
}
