/** What kube-proxy's metrics port answers, under kube-proxy's names. */
import { notFound, type PortAnswer, type ProxyHealth } from './proxy-health.ts';

/** Upper bounds in seconds, as kube-proxy has them. */
const bounds: readonly number[] = Array.from({ length: 15 }, (_, i) => 0.001 * 2 ** i);

/** How long writing the rules took, and what was answered about their health. */
export class ProxyFigures {
  /** How many took so long or less than each bound, but longer than the one before. */
  readonly #counts = bounds.map(() => 0);
  #count = 0;
  #seconds = 0;
  readonly #answers = new Map<string, number>();

  observe(seconds: number): void {
    const place = bounds.findIndex((bound) => seconds <= bound);
    if (place >= 0) this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#count += 1;
    this.#seconds += seconds;
  }

  /** An answer of the health port. */
  answered(path: string, status: number): void {
    const key = `kubeproxy_proxy_${path.slice(1)}_total{code="${status}"}`;
    if (status !== notFound.status) this.#answers.set(key, (this.#answers.get(key) ?? 0) + 1);
  }

  /** In the text format of Prometheus. */
  text({ lastWritten, lastQueued }: Pick<ProxyHealth, 'lastWritten' | 'lastQueued'>): string {
    const duration = 'kubeproxy_sync_proxy_rules_duration_seconds';
    let sum = 0;
    const buckets = bounds.map((bound, i) => {
      sum += this.#counts[i] ?? 0;
      return `${duration}_bucket{le="${bound}"} ${sum}`;
    });
    const seconds = (ms: number | undefined): number => (ms ?? 0) / 1000;
    const lines = [
      `# TYPE ${duration} histogram`,
      ...buckets,
      `${duration}_bucket{le="+Inf"} ${this.#count}`,
      `${duration}_sum ${this.#seconds}`,
      `${duration}_count ${this.#count}`,
      '# TYPE kubeproxy_sync_proxy_rules_last_timestamp_seconds gauge',
      `kubeproxy_sync_proxy_rules_last_timestamp_seconds ${seconds(lastWritten)}`,
      '# TYPE kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds gauge',
      `kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds ${seconds(lastQueued)}`,
      ...['healthz', 'livez'].flatMap((path) => {
        const own = [...this.#answers].filter(([key]) => key.startsWith(`kubeproxy_proxy_${path}_total{`));
        const shown = own.map(([key, count]) => `${key} ${count}`);
        return own.length === 0 ? [] : [`# TYPE kubeproxy_proxy_${path}_total counter`, ...shown.sort()];
      }),
    ];
    return lines.map((line) => `${line}\n`).join('');
  }
}

/** `/proxyMode` is the path by which tools learn how the rules are made. */
export function figuresAnswer(path: string, figures: () => string): PortAnswer {
  const plain = (body: string): PortAnswer => ({ status: 200, type: 'text/plain; charset=utf-8', body });
  if (path === '/proxyMode') return plain('nftables');
  if (path === '/healthz') return plain('ok');
  if (path !== '/metrics') return notFound;
  return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: figures() };
}
