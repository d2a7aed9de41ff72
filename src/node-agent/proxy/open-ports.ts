/** Ports of the machine that answer what a load balancer, a probe or a scraper asks. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** So many clients at a time: those who ask are load balancers and scrapers. */
const connectionsMax = 1_000;

/** One port of the machine, as long as it is wanted. */
export interface OpenPort {
  /** Undefined: at all of the machine's addresses. */
  readonly host?: string | undefined;
  readonly port: number;
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void;
}

/** The servers of a machine, one a port. */
export class OpenPorts {
  readonly #servers = new Map<number, Server>();
  readonly #failed: (port: number, error: Error) => void;
  #wanted: ReadonlyMap<number, OpenPort> = new Map();

  /** `failed`: a port could not be listened on; the next `serve` tries again. */
  constructor(failed: (port: number, error: Error) => void) {
    this.#failed = failed;
  }

  /** Listens on these ports, and on no others. A port that stays answers by what is given now. */
  serve(ports: readonly OpenPort[]): void {
    this.#wanted = new Map(ports.map((each) => [each.port, each]));
    for (const [port, server] of this.#servers)
      if (!this.#wanted.has(port)) {
        this.#servers.delete(port);
        server.close();
        server.closeAllConnections();
      }
    for (const { port, host } of this.#wanted.values()) if (!this.#servers.has(port)) this.#open(port, host);
  }

  close(): void {
    this.serve([]);
  }

  #open(port: number, host: string | undefined): void {
    const server = createServer({ requestTimeout: 5_000, keepAliveTimeout: 5_000 }, (request, response) => {
      const wanted = this.#wanted.get(port);
      if (wanted === undefined) response.destroy();
      else wanted.answer(request, response);
    });
    server.maxConnections = connectionsMax;
    server.on('error', (error) => {
      if (this.#servers.get(port) === server) this.#servers.delete(port);
      this.#failed(port, error);
    });
    this.#servers.set(port, server);
    server.listen(port, host).unref();
  }
}
