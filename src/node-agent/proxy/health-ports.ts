/**
 * The health check node ports: by them an external load balancer learns which machines have endpoints of a Service
 * with `externalTrafficPolicy: Local` (KEP-1669, and kube-proxy's answers).
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { HealthPort } from './service-ports.ts';

/** The servers of one machine, one a port. */
export class HealthPorts {
  readonly #servers = new Map<number, Server>();
  readonly #failed: (port: number, error: Error) => void;
  #wanted: ReadonlyMap<number, HealthPort> = new Map();

  /** `failed`: a port could not be listened on; the next `serve` tries again. */
  constructor(failed: (port: number, error: Error) => void) {
    this.#failed = failed;
  }

  /** Listens on these ports, at all of the machine's addresses, and on no others. */
  serve(ports: readonly HealthPort[]): void {
    this.#wanted = new Map(ports.map((each) => [each.port, each]));
    for (const [port, server] of this.#servers)
      if (!this.#wanted.has(port)) {
        this.#servers.delete(port);
        server.close();
        server.closeAllConnections();
      }
    for (const port of this.#wanted.keys()) if (!this.#servers.has(port)) this.#open(port);
  }

  close(): void {
    this.serve([]);
  }

  #open(port: number): void {
    const server = createServer({ requestTimeout: 5_000, keepAliveTimeout: 5_000 }, (_request, response) => {
      answer(response, this.#wanted.get(port));
    });
    server.on('error', (error) => {
      if (this.#servers.get(port) === server) this.#servers.delete(port);
      this.#failed(port, error);
    });
    this.#servers.set(port, server);
    server.listen(port).unref();
  }
}

function answer(response: ServerResponse, health: HealthPort | undefined): void {
  const localEndpoints = health?.localEndpoints ?? 0;
  response.writeHead(localEndpoints > 0 ? 200 : 503, {
    'Content-Type': 'application/json',
    'X-Content-Type-Options': 'nosniff',
    'X-Load-Balancing-Endpoint-Weight': String(localEndpoints),
  });
  const { namespace = '', name = '' } = health ?? {};
  response.end(JSON.stringify({ service: { namespace, name }, localEndpoints, serviceProxyHealthy: true }));
}
