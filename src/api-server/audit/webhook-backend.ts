/** Sends audit events to a service outside the cluster. */
import { delay, type Logger, type Metrics, type Timers } from '../../base/index.ts';
import { utf8 } from '../request.ts';
import { type AuditBackend, batched } from './batch.ts';

/** POST of JSON to a service outside; rejects when there is no answer. */
type PostJson = (body: Uint8Array) => Promise<{ readonly status: number; readonly body: Uint8Array }>;

interface AuditWebhookOptions {
  readonly post: PostJson;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
}

const limitsOfWebhook = { batchEventsMax: 400, waitMs: 1_000, queueEventsMax: 10_000 } as const;
const triesMax = 5;
const firstPauseMs = 1_000;

/**
 * Sends batches as an EventList, each tried a few times with growing pauses; meanwhile the queue fills, up to its
 * bound.
 */
export function openAuditWebhook(options: AuditWebhookOptions): AuditBackend {
  const { post, timers, log, metrics } = options;
  const deliver = async (events: readonly string[]): Promise<void> => {
    const body = utf8(
      `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${events.join(',')}]}`,
    );
    for (let tries = 1; ; tries++) {
      const problem = await attempt(post, body);
      if (problem === undefined) return;
      if (tries === triesMax) throw new Error(problem);
      await delay(timers, firstPauseMs * 2 ** (tries - 1));
    }
  };
  return batched({ name: 'webhook', deliver, timers, log, metrics, ...limitsOfWebhook });
}

async function attempt(post: PostJson, body: Uint8Array): Promise<string | undefined> {
  try {
    const { status } = await post(body);
    return status < 300 ? undefined : `the webhook answered ${String(status)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
