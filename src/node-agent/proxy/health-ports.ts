/**
 * The health check node ports: by them an external load balancer learns which machines have endpoints of a Service
 * with `externalTrafficPolicy: Local` (KEP-1669, and kube-proxy's answers).
 */
import type { ServerResponse } from 'node:http';
import { OpenPorts } from './open-ports.ts';
import type { HealthPort } from './service-ports.ts';

/** The servers of one machine, one a port. */
export class HealthPorts {
  readonly #ports: OpenPorts;
  readonly #isHealthy: () => boolean;

  /**
   * `failed`: a port could not be listened on; the next `serve` tries again. `isHealthy`: whether the rules of this
   * machine follow the API; while they do not, nobody is sent here.
   */
  constructor(failed: (port: number, error: Error) => void, isHealthy: () => boolean) {
    this.#ports = new OpenPorts(failed);
    this.#isHealthy = isHealthy;
  }

  /** Listens on these ports, at all of the machine's addresses, and on no others. */
  serve(ports: readonly HealthPort[]): void {
    this.#ports.serve(
      ports.map((health) => ({
        port: health.port,
        answer: (_request, response) => {
          answer(response, health, this.#isHealthy());
        },
      })),
    );
  }

  close(): void {
    this.#ports.close();
  }
}

function answer(
  response: ServerResponse,
  { namespace, name, localEndpoints }: HealthPort,
  serviceProxyHealthy: boolean,
): void {
  response.writeHead(localEndpoints > 0 && serviceProxyHealthy ? 200 : 503, {
    'Content-Type': 'application/json',
    'X-Content-Type-Options': 'nosniff',
    'X-Load-Balancing-Endpoint-Weight': String(localEndpoints),
  });
  response.end(JSON.stringify({ service: { namespace, name }, localEndpoints, serviceProxyHealthy }));
}
