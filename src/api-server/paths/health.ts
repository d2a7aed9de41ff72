/** The health paths /healthz, /livez and /readyz, and what became of their checks: /metrics/slis. */
import { errorMessage } from '../../base/index.ts';
import { type ApiHttpResponse, textResponse } from '../request.ts';
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
  const health = new Health(checks, report);
  return (context) => {
    if (context.info.path === '/metrics/slis') return health.indicators();
    const [first, ...rest] = context.info.path.split('/').filter((part) => part !== '');
    const endpoint = endpoints.find((known) => known === first);
    if (endpoint === undefined) return undefined;
    return rest.length === 0 ? health.summary(endpoint, context) : health.one(endpoint, rest.join('/'));
  };
}

type Answer = ApiHttpResponse;

const countsAt = ({ endpoints: its }: HealthCheck, endpoint: HealthEndpoint): boolean =>
  its?.includes(endpoint) ?? true;

/** The checks, and how often each went well and badly at each endpoint. */
class Health {
  readonly #checks: readonly HealthCheck[];
  readonly #report: (name: string, reason: string) => void;
  readonly #counts = new Map<string, number>();

  constructor(checks: readonly HealthCheck[], report: (name: string, reason: string) => void) {
    this.#checks = checks;
    this.#report = report;
  }

  async one(endpoint: HealthEndpoint, name: string): Promise<Answer> {
    const check = this.#checks.find((known) => known.name === name && countsAt(known, endpoint));
    if (check === undefined) return nothingHere();
    return (await this.#fails(check, [endpoint]))
      ? textResponse(500, 'internal server error: reason withheld\n')
      : textResponse(200, 'ok');
  }

  async summary(endpoint: HealthEndpoint, { query }: RequestContext): Promise<Answer> {
    const excluded = new Set(query.all('exclude'));
    const lines: string[] = [];
    let failed = false;
    for (const check of this.#checks.filter((known) => countsAt(known, endpoint))) {
      if (excluded.delete(check.name)) {
        lines.push(`[+]${check.name} excluded: ok`);
        continue;
      }
      const bad = await this.#fails(check, [endpoint]);
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
      query.get('verbose') === undefined ? 'ok' : `${lines.join('\n')}\n${endpoint} check passed\n`,
    );
  }

  /** Service level indicators in the Prometheus text format; every check is made. */
  async indicators(): Promise<Answer> {
    const [gauge, counter] = ['kubernetes_healthcheck', 'kubernetes_healthchecks_total'];
    const now: string[] = [];
    for (const check of this.#checks) {
      const at = endpoints.filter((endpoint) => countsAt(check, endpoint));
      const value = (await this.#fails(check, at)) ? 0 : 1;
      for (const endpoint of at) now.push(`${gauge}{name="${check.name}",type="${endpoint}"} ${value}`);
    }
    const counts = [...this.#counts].map(([labels, count]) => `${counter}{${labels}} ${count}`);
    const lines = [
      `# HELP ${gauge} Whether a health check passes: 1 or 0.`,
      `# TYPE ${gauge} gauge`,
      ...now,
      `# HELP ${counter} Health checks made, by outcome.`,
      `# TYPE ${counter} counter`,
      ...counts.sort(),
    ];
    const answer = textResponse(200, `${lines.join('\n')}\n`);
    return { ...answer, headers: { ...answer.headers, 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } };
  }

  async #fails(check: HealthCheck, at: readonly HealthEndpoint[]): Promise<boolean> {
    const bad = await this.#reason(check);
    if (bad !== undefined) this.#report(check.name, bad);
    for (const endpoint of at) {
      const labels = `name="${check.name}",status="${bad === undefined ? 'success' : 'error'}",type="${endpoint}"`;
      this.#counts.set(labels, (this.#counts.get(labels) ?? 0) + 1);
    }
    return bad !== undefined;
  }

  /** Why a check fails; undefined: it passes. */
  async #reason(check: HealthCheck): Promise<string | undefined> {
    try {
      await check.check();
      return undefined;
    } catch (error) {
      return errorMessage(error);
    }
  }
}
