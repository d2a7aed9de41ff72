/** One node's part in serving Ingresses: its ports, its proxy, its announcement. */
import {
  type Ingress,
  type IngressClass,
  type Node,
  nodeAddress,
  resources,
  sameResource,
  type Secret,
} from '../api/index.ts';
import { type Clock, delay, errorMessage, type Logger, type Timer, type Timers } from '../base/index.ts';
import { ingressPortsAnnotation, servedIngresses, tlsSecretNames } from '../protocol/index.ts';
import { type EventRecorder, eventRecorder, type ResourceClient, type ResourceView } from '../resources/index.ts';
import type { IngressProxy, RouteTable } from './proxy/index.ts';
import { routeTable } from './route-table.ts';
import { viewFacts } from './view-facts.ts';

interface NodeIngressOptions {
  readonly nodeName: string;
  /** Shows Ingresses, IngressClasses, Services, EndpointSlices and Nodes. */
  readonly view: ResourceView;
  readonly client: ResourceClient;
  /** Follows one Secret; `changed` is called when it is known and at each change. */
  readonly followSecret: (namespace: string, name: string, changed: () => void) => FollowedSecret;
  /** Whether the node's two ports can be had at this moment. */
  readonly portsFree: () => Promise<boolean>;
  /** Opens them and serves; `ended` is called when the proxy ends by itself. Rejects when a port is taken. */
  readonly openProxy: (ended: () => void) => Promise<Pick<IngressProxy, 'apply' | 'close'>>;
  readonly ports: { readonly http: number; readonly https: number };
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

export interface FollowedSecret {
  readonly secret: Secret | undefined;
  /** Resolves when it is known whether there is one. */
  synced(): Promise<void>;
  close(): void;
}

export interface NodeIngress {
  /** Finishes open requests, and frees the ports. */
  close(): Promise<void>;
}

/** Changes within so long are one. */
const debounceMs = 20;
/** A taken port is retried after this. */
const retryMs = 5_000;
/** A proxy that ended by itself is restarted after this. */
const restartMs = 1_000;
/** How long the first certificates are waited for before the ports are opened without them. */
const secretsMs = 2_000;
/** The ports stay open so long after the last Ingress has gone: it may be replaced. */
const lingerMs = 30_000;

/** Where the table is made of; Nodes because the own one says that it serves. */
const shown = [resources.ingresses, resources.ingressClasses, resources.services, resources.endpointSlices];

/**
 * A node's part: it says on its Node that it serves once its ports can be had, opens them when there is an Ingress to
 * serve, and keeps the proxy's table equal to what the view shows. Several nodes may share a machine: one gets the
 * ports, the others say nothing and try again.
 */
export function serveNodeIngress(options: NodeIngressOptions): NodeIngress {
  const service = new IngressService(options);
  void options.view.synced().then(() => {
    service.start();
  });
  return service;
}

class IngressService implements NodeIngress {
  readonly #options: NodeIngressOptions;
  readonly #secrets = new Map<string, FollowedSecret>();
  #stopListening: () => void = () => undefined;
  #timer: Timer | undefined;
  #waitMs = 0;
  #linger: Timer | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #closed = false;
  #proxy: Pick<IngressProxy, 'apply' | 'close'> | undefined;
  /** The table that the proxy has, as text. */
  #applied = '';
  /** Whether the ports were to be had when that was last tried; undefined: not tried yet. */
  #serves: boolean | undefined;

  readonly #events: EventRecorder;

  constructor(options: NodeIngressOptions) {
    this.#options = options;
    const { client, clock, log, nodeName: host } = options;
    this.#events = eventRecorder({ component: 'troupe-ingress', host }, { client, clock, log });
  }

  start(): void {
    if (this.#closed) return;
    const { view, nodeName } = this.#options;
    this.#stopListening = view.onChange(({ resource, object }) => {
      if (
        shown.some((own) => sameResource(own, resource)) ||
        (sameResource(resource, resources.nodes) && object.metadata.name === nodeName)
      )
        this.#wake(debounceMs);
    });
    this.#wake(0);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopListening();
    this.#timer?.cancel();
    this.#linger?.cancel();
    this.#events.close();
    await this.#looking;
    for (const followed of this.#secrets.values()) followed.close();
    this.#secrets.clear();
    await this.#proxy?.close();
  }

  #wake(delayMs: number): void {
    if (this.#closed) return;
    if (this.#looking !== undefined) {
      this.#again = true;
      return;
    }
    // A sooner look serves for a later one; changes without end must not put it off.
    if (this.#timer !== undefined && this.#waitMs <= delayMs) return;
    this.#timer?.cancel();
    this.#waitMs = delayMs;
    this.#timer = this.#options.timers.after(delayMs, () => {
      this.#timer = undefined;
      this.#looking = this.#look()
        .catch((error: unknown) => {
          this.#options.log.warn('failed to reconcile ingresses; retrying', {
            error: errorMessage(error),
          });
          return retryMs;
        })
        .then((nextMs) => {
          this.#looking = undefined;
          const again = this.#again;
          this.#again = false;
          if (again) this.#wake(debounceMs);
          else if (nextMs !== undefined) this.#wake(nextMs);
        });
    });
  }

  /** One look at everything; resolves with when to look again without a change. */
  async #look(): Promise<number | undefined> {
    const { view } = this.#options;
    const served = servedIngresses(
      view.list<Ingress>(resources.ingresses),
      view.list<IngressClass>(resources.ingressClasses),
    );
    this.#followSecrets(served);
    if (served.length > 0) await this.#serve(served);
    else await this.#rest();
    await this.#announce();
    return this.#serves === true ? undefined : retryMs;
  }

  async #serve(served: readonly Ingress[]): Promise<void> {
    this.#linger?.cancel();
    this.#linger = undefined;
    if (this.#proxy === undefined) {
      if (!(await this.#options.portsFree())) {
        this.#note(false);
        return;
      }
      // Nobody is to be shown the default certificate because the right one is not here yet.
      await Promise.race([
        Promise.all([...this.#secrets.values()].map((followed) => followed.synced())),
        delay(this.#options.timers, secretsMs),
      ]);
      try {
        this.#proxy = await this.#options.openProxy(() => {
          this.#proxy = undefined;
          this.#wake(restartMs);
        });
        this.#applied = '';
        this.#note(true);
      } catch (error) {
        this.#note(false, errorMessage(error));
        return;
      }
    }
    this.#apply(
      routeTable(
        served,
        viewFacts(this.#options.view, (namespace, name) => this.#secrets.get(`${namespace}/${name}`)?.secret),
      ),
    );
  }

  /** Nothing is served: an open proxy lingers, a closed one stays closed while its ports are free. */
  async #rest(): Promise<void> {
    if (this.#proxy === undefined) {
      this.#note(await this.#options.portsFree());
      return;
    }
    this.#apply(routeTable([], viewFacts(this.#options.view)));
    this.#linger ??= this.#options.timers.after(lingerMs, () => {
      const proxy = this.#proxy;
      this.#proxy = undefined;
      this.#linger = undefined;
      void proxy?.close();
    });
  }

  #apply(table: RouteTable): void {
    const text = JSON.stringify(table);
    if (text === this.#applied) return;
    this.#applied = text;
    this.#proxy?.apply(table);
  }

  #note(serves: boolean, cause = 'another program has them'): void {
    if (this.#serves === serves) return;
    this.#serves = serves;
    const { log, nodeName, ports } = this.#options;
    if (serves) log.info('this node serves ingresses', ports);
    else if (this.#neighbourServes()) log.info('another node of this machine serves ingresses', ports);
    else {
      log.warn(
        'cannot bind the ports for ingresses; free them, or set ingress.httpPort and ingress.httpsPort; retrying',
        { ...ports, cause },
      );
      this.#events.event(
        { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName, uid: nodeName } },
        'Warning',
        'IngressPortsTaken',
        `This node serves no ingresses: cannot bind ports ${ports.http} and ${ports.https} (${cause}). ` +
          'Free them, or set ingress.httpPort and ingress.httpsPort.',
      );
    }
  }

  #neighbourServes(): boolean {
    const { view, nodeName } = this.#options;
    const addressOf = (node: Node | undefined): string | undefined => nodeAddress(node, 'InternalIP');
    const own = addressOf(view.get<Node>(resources.nodes, undefined, nodeName));
    return view
      .list<Node>(resources.nodes)
      .some(
        (node) =>
          node.metadata.name !== nodeName &&
          node.metadata.annotations?.[ingressPortsAnnotation] !== undefined &&
          addressOf(node) === own,
      );
  }

  /** Says on the Node whether it serves; a Node that is not there yet wakes this when it comes. */
  async #announce(): Promise<void> {
    const { view, client, nodeName, ports } = this.#options;
    const node = view.get<Node>(resources.nodes, undefined, nodeName);
    const wanted = this.#serves === true ? `${ports.http},${ports.https}` : undefined;
    if (node === undefined || node.metadata.annotations?.[ingressPortsAnnotation] === wanted) return;
    await client.patch(
      { ...resources.nodes, name: nodeName },
      { type: 'merge', body: { metadata: { annotations: { [ingressPortsAnnotation]: wanted ?? null } } } },
      { fieldManager: 'node-agent' },
    );
  }

  #followSecrets(served: readonly Ingress[]): void {
    const wanted = new Map(
      served.flatMap((ingress) =>
        tlsSecretNames(ingress).map((name) => [
          `${ingress.metadata.namespace ?? ''}/${name}`,
          { namespace: ingress.metadata.namespace ?? '', name },
        ]),
      ),
    );
    for (const [key, followed] of this.#secrets) {
      if (wanted.has(key)) continue;
      followed.close();
      this.#secrets.delete(key);
    }
    for (const [key, { namespace, name }] of wanted) {
      if (!this.#secrets.has(key))
        this.#secrets.set(
          key,
          this.#options.followSecret(namespace, name, () => {
            this.#wake(debounceMs);
          }),
        );
    }
  }
}
