/** The health paths /healthz, /livez and /readyz. */
import { errorMessage } from '../../base/index.ts';
import { textResponse } from '../request.ts';
import type { RequestContext } from '../request-context.ts';
import { nothingHere, type PathHandler } from './path-handler.ts';

/**
 * One thing that must be well. `check` throws (or rejects) when it is not; its reason is for the log, not for the
 * answer.
 */
export interface HealthCheck {
  readonly name: string;
  check(): void | Promise<void>;
  /** Where it counts; absent: everywhere. A check of `ready` alone holds traffic back without asking for a restart. */
  readonly endpoints?: readonly HealthEndpoint[] | undefined;
}

type HealthEndpoint = 'healthz' | 'livez' | 'readyz';
const endpoints: readonly HealthEndpoint[] = ['healthz', 'livez', 'readyz'];

/** /healthz, /livez and /readyz, with ?verbose, ?exclude= and a path for each check, as in Kubernetes. */
export function healthPaths(
  checks: readonly HealthCheck[],
  report: (name: string, reason: string) => void,
): PathHandler {
  return (context) => {
    const parts = context.info.path.split('/').filter((part) => part !== '');
    const endpoint = endpoints.find((known) => known === parts[0]);
    if (endpoint === undefined) return undefined;
    const here = checks.filter((check) => check.endpoints?.includes(endpoint) ?? true);
    if (parts.length === 1) return summary(endpoint, here, { context, report });
    const single = here.find((check) => check.name === parts.slice(1).join('/'));
    return single === undefined ? nothingHere() : one(single, report);
  };
}

type Report = (name: string, reason: string) => void;

async function fails(check: HealthCheck, report: Report): Promise<boolean> {
  try {
    await check.check();
    return false;
  } catch (error) {
    report(check.name, errorMessage(error));
    return true;
  }
}

async function one(check: HealthCheck, report: Report): Promise<ReturnType<typeof textResponse>> {
  return (await fails(check, report))
    ? textResponse(500, 'internal server error: reason withheld\n')
    : textResponse(200, 'ok');
}

async function summary(
  endpoint: HealthEndpoint,
  checks: readonly HealthCheck[],
  { context, report }: { readonly context: RequestContext; readonly report: Report },
): Promise<ReturnType<typeof textResponse>> {
  const excluded = new Set(context.query.all('exclude'));
  const lines: string[] = [];
  let failed = false;
  for (const check of checks) {
    if (excluded.delete(check.name)) {
      lines.push(`[+]${check.name} excluded: ok`);
      continue;
    }
    const bad = await fails(check, report);
    failed ||= bad;
    lines.push(bad ? `[-]${check.name} failed: reason withheld` : `[+]${check.name} ok`);
  }
  if (excluded.size > 0) {
    const unknown = [...excluded].map((name) => JSON.stringify(name)).join(', ');
    lines.push(`warn: some health checks cannot be excluded: no matches for ${unknown}`);
  }
  if (failed) return textResponse(500, `${lines.join('\n')}\n${endpoint} check failed\n`);
  return textResponse(
    200,
    context.query.get('verbose') === undefined ? 'ok' : `${lines.join('\n')}\n${endpoint} check passed\n`,
  );
}
