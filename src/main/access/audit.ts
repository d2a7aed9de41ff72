/** Opens the audit log as the settings say. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import {
  type Audit,
  type AuditPolicy,
  createAudit,
  defaultAuditPolicy,
  openAuditLog,
  openAuditWebhook,
  parseAuditPolicy,
  parseEndpointConfig,
  remoteEndpoint,
} from '../../api-server/index.ts';
import { type Clock, errorMessage, type Logger, type Metrics, type Timers } from '../../base/index.ts';
import { type Settings, StartProblem } from '../process/index.ts';

const webhookMs = 10_000;

interface AuditPorts {
  /** The log's file when the settings name none. */
  readonly file: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Undefined when it is off. Throws StartProblem for a file that cannot be used. */
export function auditOf(settings: Settings['audit'], ports: AuditPorts): Audit | undefined {
  if (!settings.enabled) return undefined;
  const { clock, timers, metrics } = ports;
  const log = ports.log.with({ part: 'audit' });
  try {
    const file = settings.logFile === '' ? ports.file : settings.logFile;
    const backends = [
      openAuditLog({
        file,
        bytesMax: settings.logBytesMax,
        backupsMax: settings.logBackupsMax,
        daysMax: settings.logDaysMax,
        clock,
        timers,
        log,
        metrics,
      }),
    ];
    if (settings.webhookFile !== '') {
      const endpoint = remoteEndpoint(parseEndpointConfig(settings.webhookFile), {
        timeoutMs: webhookMs,
        userAgent: 'troupe-audit',
      });
      backends.push(openAuditWebhook({ post: (body) => endpoint.post(body), timers, log, metrics }));
    }
    return createAudit({ policy: policyOf(settings.policyFile), backends, clock, metrics });
  } catch (error) {
    throw new StartProblem(`cannot use the audit settings: ${errorMessage(error)}`);
  }
}

function policyOf(file: string): AuditPolicy {
  return file === '' ? defaultAuditPolicy : parseAuditPolicy(parse(readFileSync(file, 'utf8')) as unknown, file);
}
