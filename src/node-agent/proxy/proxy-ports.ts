/** The ports of this machine that kube-proxy has: health for load balancers, figures for scrapers of the machine. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Node } from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';
import { type OpenPort, OpenPorts } from './open-ports.ts';
import { type FamilySync, figuresAnswer, ProxyFigures } from './proxy-figures.ts';
import { healthAnswer, isEligible, type PortAnswer, ProxyHealth } from './proxy-health.ts';

interface Place {
  readonly host: string;
  readonly port: number;
}

/** Where the ports are; undefined: there is none. */
export interface ProxyPlaces {
  /** `/healthz` and `/livez`: kube-proxy's healthzBindAddress. */
  readonly healthz?: Place | undefined;
  /** `/metrics` and `/proxyMode`: kube-proxy's metricsBindAddress. */
  readonly metrics?: Place | undefined;
}

interface ProxyPortOptions {
  readonly places: ProxyPlaces;
  readonly clock: Clock;
  readonly nodes: () => readonly Node[];
  readonly localNodes: () => readonly string[];
  /** A port could not be opened; the next `serve` tries again. */
  readonly failed: (port: number, error: Error) => void;
}

export class ProxyPorts {
  readonly health: ProxyHealth;
  readonly figures: ProxyFigures;
  readonly #ports: OpenPorts;
  readonly #wanted: readonly OpenPort[];

  constructor({ places, clock, nodes, localNodes, failed }: ProxyPortOptions) {
    this.health = new ProxyHealth(clock);
    this.figures = new ProxyFigures(clock);
    this.#ports = new OpenPorts(failed);
    const health = (path: string): PortAnswer => {
      const { isHealthy, lastWritten } = this.health;
      const eligible = isEligible(nodes(), new Set(localNodes()));
      const found = healthAnswer(path, { isHealthy, lastWritten, isEligible: eligible, now: clock.now() });
      this.figures.answered(path, found.status);
      return found;
    };
    const figures = (path: string): PortAnswer => figuresAnswer(path, () => this.figures.text(this.health.lastQueued));
    this.#wanted = [portOf(places.healthz, health), portOf(places.metrics, figures)].flatMap((port) => port ?? []);
  }

  /** Of several agents on a machine only the one that writes its rules has the ports. */
  serve(): void {
    this.#ports.serve(this.#wanted);
  }

  /** The rules of all families were written, or could not be. */
  wrote(families: readonly FamilySync[]): void {
    this.health.written(families.every(({ isThere }) => isThere));
    for (const sync of families) this.figures.wrote(sync);
  }

  close(): void {
    this.#ports.close();
  }
}

function portOf(place: Place | undefined, answerOf: (path: string) => PortAnswer): OpenPort | undefined {
  if (place === undefined) return undefined;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { status, type, body } = answerOf((request.url ?? '/').replace(/[?#].*$/, ''));
    response.writeHead(status, { 'Content-Type': type, 'X-Content-Type-Options': 'nosniff' });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
  return { ...place, answer };
}
