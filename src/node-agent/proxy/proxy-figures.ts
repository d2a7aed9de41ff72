/** What kube-proxy's metrics port answers, under kube-proxy's names. */
import { endpointsTrigger, type EndpointSlice, type IpFamily, parseTime } from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';
import { Histogram } from './histogram.ts';
import { notFound, type PortAnswer } from './proxy-health.ts';

/** Upper bounds in seconds, as kube-proxy has them. */
const syncBounds: readonly number[] = Array.from({ length: 15 }, (_, i) => 0.001 * 2 ** i);
const steps = (from: number, step: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => from + step * i);
const programmingBounds = [0, ...steps(0.25, 0.25, 2), ...steps(1, 1, 59), ...steps(60, 5, 12), ...steps(120, 30, 7)];

/** As many changes of endpoints wait at most to be measured. */
const triggersMax = 1_000;

/** How many Services have a policy Local, endpoints, and none of these on this machine. */
export interface WithoutLocalEndpoints {
  readonly internal: number;
  readonly external: number;
}

/** The outcome of writing the rules of a family. */
export interface FamilySync {
  readonly family: IpFamily;
  readonly isThere: boolean;
  readonly seconds: number;
  readonly withoutLocal: WithoutLocalEndpoints;
}

interface FamilyFigures {
  readonly seconds: Histogram;
  readonly programming: Histogram;
  /** When changes began that are not in the rules (wall-clock ms), and those that are being written. */
  waiting: number[];
  underWay: readonly number[];
  failures: number;
  /** Wall-clock ms; 0: not yet. */
  lastWritten: number;
  withoutLocal: WithoutLocalEndpoints;
}

type Changed = 'endpoint' | 'service';

/** How long writing the rules took, what they follow, and what was answered about their health. */
export class ProxyFigures {
  readonly #clock: Clock;
  /** What began before tells of the time when nobody was here. */
  readonly #begun: number;
  readonly #families = new Map<IpFamily, FamilyFigures>();
  readonly #seen: Record<Changed, number> = { endpoint: 0, service: 0 };
  readonly #pending: Record<Changed, number> = { endpoint: 0, service: 0 };
  readonly #answers = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#begun = clock.now();
  }

  /** A Service changed. */
  serviceChanged(): void {
    this.#count('service');
  }

  /** A slice changed; undefined: it was not there before, or is not any more. */
  sliceChanged(slice: EndpointSlice | undefined, before: EndpointSlice | undefined): void {
    this.#count('endpoint');
    const trigger = slice?.metadata.annotations?.[endpointsTrigger];
    const began = trigger === before?.metadata.annotations?.[endpointsTrigger] ? undefined : parseTime(trigger);
    if (slice === undefined || began === undefined || began <= this.#begun || slice.addressType === 'FQDN') return;
    const { waiting } = this.#of(slice.addressType);
    if (waiting.length < triggersMax) waiting.push(began);
  }

  /** What was seen so far is being written. */
  writing(): void {
    this.#pending.endpoint = 0;
    this.#pending.service = 0;
    for (const figures of this.#families.values()) {
      figures.underWay = figures.waiting;
      figures.waiting = [];
    }
  }

  wrote({ family, isThere, seconds, withoutLocal }: FamilySync): void {
    const figures = this.#of(family);
    figures.seconds.observe(seconds);
    figures.withoutLocal = withoutLocal;
    if (isThere) {
      const now = this.#clock.now();
      for (const began of figures.underWay) figures.programming.observe((now - began) / 1000);
      figures.lastWritten = now;
    } else {
      figures.failures += 1;
      figures.waiting = [...figures.underWay, ...figures.waiting].slice(0, triggersMax);
    }
    figures.underWay = [];
  }

  /** An answer of the health port. */
  answered(path: string, status: number): void {
    const key = `kubeproxy_proxy_${path.slice(1)}_total{code="${status}"}`;
    if (status !== notFound.status) this.#answers.set(key, (this.#answers.get(key) ?? 0) + 1);
  }

  /** In the text format of Prometheus. `lastQueued` in wall-clock ms. */
  text(lastQueued: number | undefined): string {
    const sync = 'kubeproxy_sync_proxy_rules';
    const lines = [
      ...this.#histograms(`${sync}_duration_seconds`, ({ seconds }) => seconds),
      ...this.#histograms('kubeproxy_network_programming_duration_seconds', ({ programming }) => programming),
      ...this.#values(`${sync}_last_timestamp_seconds`, 'gauge', ({ lastWritten }) => lastWritten / 1000),
      ...this.#values(`${sync}_last_queued_timestamp_seconds`, 'gauge', () => (lastQueued ?? 0) / 1000),
      ...this.#values(`${sync}_nftables_sync_failures_total`, 'counter', ({ failures }) => failures),
      ...this.#withoutLocalLines(`${sync}_no_local_endpoints_total`),
      ...(['endpoint', 'service'] as const).flatMap((what) => [
        `# TYPE ${sync}_${what}_changes_pending gauge`,
        `${sync}_${what}_changes_pending ${this.#pending[what]}`,
        `# TYPE ${sync}_${what}_changes_total counter`,
        `${sync}_${what}_changes_total ${this.#seen[what]}`,
      ]),
      ...this.#answerLines(),
    ];
    return lines.map((line) => `${line}\n`).join('');
  }

  #of(family: IpFamily): FamilyFigures {
    const known = this.#families.get(family);
    if (known !== undefined) return known;
    const made: FamilyFigures = {
      seconds: new Histogram(syncBounds),
      programming: new Histogram(programmingBounds),
      waiting: [],
      underWay: [],
      failures: 0,
      lastWritten: 0,
      withoutLocal: { internal: 0, external: 0 },
    };
    this.#families.set(family, made);
    return made;
  }

  #count(what: Changed): void {
    this.#seen[what] += 1;
    this.#pending[what] += 1;
  }

  #histograms(name: string, of: (figures: FamilyFigures) => Histogram): readonly string[] {
    const each = [...this.#families].flatMap(([family, figures]) => of(figures).lines(name, `ip_family="${family}"`));
    return [`# TYPE ${name} histogram`, ...each];
  }

  #values(name: string, type: 'counter' | 'gauge', of: (figures: FamilyFigures) => number): readonly string[] {
    const each = [...this.#families].map(([family, figures]) => `${name}{ip_family="${family}"} ${of(figures)}`);
    return [`# TYPE ${name} ${type}`, ...each];
  }

  #withoutLocalLines(name: string): readonly string[] {
    const each = [...this.#families].flatMap(([family, { withoutLocal }]) =>
      (['internal', 'external'] as const).map(
        (policy) => `${name}{ip_family="${family}",traffic_policy="${policy}"} ${withoutLocal[policy]}`,
      ),
    );
    return [`# TYPE ${name} gauge`, ...each];
  }

  #answerLines(): readonly string[] {
    return ['healthz', 'livez'].flatMap((path) => {
      const own = [...this.#answers].filter(([key]) => key.startsWith(`kubeproxy_proxy_${path}_total{`));
      const shown = own.map(([key, count]) => `${key} ${count}`);
      return own.length === 0 ? [] : [`# TYPE kubeproxy_proxy_${path}_total counter`, ...shown.sort()];
    });
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
