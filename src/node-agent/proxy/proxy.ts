/** Keeps the machine's packet filter equal to Services, endpoints and policies. */
import { errorMessage, type Logger, type Metrics, type Timer, type Timers, type Clock } from '../../base/index.ts';
import type { ObjectChange, ResourceView } from '../../resources/index.ts';
import {
  type EndpointSlice,
  familyOf,
  type IpFamily,
  type NetworkPolicy,
  type Node,
  resources,
  sameResource,
  type Service,
  type ServiceCIDR,
  zoneOf,
} from '../../api/index.ts';
import type { RunCommand } from '../network/index.ts';
import { nodeMoves } from '../node-moves.ts';
import { filterAddress, packetWords } from './packet-words.ts';
import { policyRules } from './policy-rules.ts';
import { HealthPorts } from './health-ports.ts';
import type { FamilySync, WithoutLocalEndpoints } from './proxy-figures.ts';
import { type ProxyPlaces, ProxyPorts } from './proxy-ports.ts';
import { type HostPort, ruleset, type Ruleset, type RulesetFacts, type UdpTarget } from './ruleset.ts';
import { healthPorts, servicePorts, type ServicePortView } from './service-ports.ts';
import { addedRanges, type ServiceRanges, serviceRanges } from './service-ranges.ts';
import { TableWriter } from './table-writer.ts';
import { endStaleFlows } from './udp-flows.ts';

interface ProxyOptions {
  readonly view: ResourceView;
  readonly run: RunCommand;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** What the rules of each of the cluster's families depend on. */
  readonly facts: readonly Omit<RulesetFacts, 'hostPorts' | 'policies' | 'reservedAddresses' | 'addedServiceCidrs'>[];
  /**
   * Where the API itself listens: what the service `default/kubernetes` leads to from this machine while it has no
   * endpoints.
   */
  readonly apiServer?: { readonly host: string; readonly port: number } | undefined;
  /** Whether this agent writes the machine's rules now. */
  readonly active: () => boolean;
  readonly localNodes: () => readonly string[];
  readonly hostPorts: () => readonly HostPort[];
  /** Absent: no port is open. */
  readonly places?: ProxyPlaces | undefined;
  /** The machine's own addresses. */
  readonly ownAddresses: () => ReadonlySet<string>;
  /** `addedRanges` of the proxy tells others than before. */
  readonly rangesChanged: () => void;
}

export interface Proxy {
  /** Something besides services and endpoints changed. */
  wake(): void;
  /** Ranges of Services that were added to the cluster's own and are in force; undefined before rules were written. */
  addedRanges(family: IpFamily): readonly string[] | undefined;
  /** Stops, and resolves when nothing is being written any more. The rules stay. */
  close(): Promise<void>;
}

/** What is written for one family. */
interface FamilyTable {
  readonly facts: ProxyOptions['facts'][number];
  readonly writer: TableWriter;
  /** The targets that connection tracking was cleaned for, as text. */
  udp: string;
  /** See Proxy; as the rules have them. */
  added?: readonly string[] | undefined;
}

/** The collections that the rules are made of. */
const shown = [resources.services, resources.endpointSlices, resources.networkPolicies, resources.serviceCIDRs];
const debounceMs = 20;
const retryMs = 1000;
/** How often is looked whether the rules are still there. */
const lookMs = 10_000;

/** Keeps the machine's rules equal to what the view shows. */
export function startProxy(options: ProxyOptions): Proxy {
  const proxy = new ServiceProxy(options);
  proxy.start();
  return proxy;
}

class ServiceProxy implements Proxy {
  readonly #options: ProxyOptions;
  readonly #tables: readonly FamilyTable[];
  readonly #health: HealthPorts;
  readonly #ports: ProxyPorts;
  readonly #ends: (() => void)[] = [];
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #dirty = false;
  #closed = false;
  /** What was warned of, once each. */
  readonly #warned = new Set<string>();

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#tables = options.facts.map((facts) => ({ facts, writer: new TableWriter(options.run), udp: '' }));
    this.#ports = new ProxyPorts({
      places: options.places ?? {},
      clock: options.clock,
      nodes: () => options.view.list<Node>(resources.nodes),
      localNodes: options.localNodes,
      failed: (port, error) => {
        this.#warnOnce(
          `load balancers or scrapers cannot ask the service proxy of this machine at port ${port}; trying again`,
          'stop what has the port, or set network.healthzBindAddress or network.metricsBindAddress to another one',
          errorMessage(error),
        );
      },
    });
    this.#health = new HealthPorts(
      (port, error) => {
        options.log.warn('failed to listen on a health check node port', { port, error: errorMessage(error) });
      },
      () => this.#ports.health.isHealthy,
    );
  }

  start(): void {
    const { view, timers } = this.#options;
    const moves = nodeMoves(view);
    this.#ends.push(
      view.onChange((change) => {
        this.#count(change);
        if (shown.some((own) => sameResource(change.resource, own)) || moves(change)) this.wake();
      }),
    );
    const looking = timers.every(lookMs, () => {
      if (this.#options.active()) this.#ports.serve();
      for (const { writer } of this.#tables)
        void writer.isThere().then((there) => {
          if (!there) this.wake();
        });
    });
    this.#ends.push(() => {
      looking.cancel();
    });
    this.#schedule(0);
  }

  wake(): void {
    this.#schedule(debounceMs);
  }

  addedRanges(family: IpFamily): readonly string[] | undefined {
    return this.#tables.find(({ facts }) => facts.family === family)?.added;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    for (const end of this.#ends) end();
    this.#health.close();
    this.#ports.close();
    await this.#running;
  }

  /** Of several agents on a machine the one that writes its rules says what they follow. */
  #count({ type, resource, object, previous }: ObjectChange): void {
    const { figures } = this.#ports;
    if (sameResource(resource, resources.services)) figures.serviceChanged();
    if (!sameResource(resource, resources.endpointSlices) || !this.#options.active()) return;
    const slice = type === 'put' ? (object as EndpointSlice) : undefined;
    figures.sliceChanged(slice, previous as EndpointSlice | undefined);
  }

  #schedule(delayMs: number): void {
    if (this.#closed) return;
    this.#ports.health.changed();
    if (this.#timer !== undefined) return;
    this.#timer = this.#options.timers.after(delayMs, () => {
      this.#timer = undefined;
      this.#run();
    });
  }

  /** Applies the rules; at most one at a time. */
  #run(): void {
    if (this.#closed) return;
    if (this.#running !== undefined) {
      this.#dirty = true;
      return;
    }
    this.#running = this.#apply().finally(() => {
      this.#running = undefined;
      if (!this.#dirty) return;
      this.#dirty = false;
      this.#schedule(debounceMs);
    });
  }

  async #apply(): Promise<void> {
    const { active, clock, metrics } = this.#options;
    this.#ports.health.writing();
    if (!active()) {
      for (const { writer } of this.#tables) writer.forget();
      this.#health.close();
      this.#ports.close();
      this.#ports.health.written(true);
      return;
    }
    this.#ports.figures.writing();
    const from = clock.monotonic();
    const shown = shownNow(this.#options);
    this.#ports.serve();
    this.#health.serve(healthPorts(shown.services, shown.slices, shown.localNodes));
    const written: FamilySync[] = [];
    for (const table of this.#tables) written.push(await this.#write(table, shown));
    this.#ports.wrote(written);
    metrics.observe('troupe_proxy_sync_seconds', (clock.monotonic() - from) / 1000);
  }

  async #write(table: FamilyTable, shown: Shown): Promise<FamilySync> {
    const { clock } = this.#options;
    const { family } = table.facts;
    const from = clock.monotonic();
    const rules = rulesOf(table.facts, shown, this.#options);
    const isThere = await this.#applied(table, rules);
    return { family, isThere, seconds: (clock.monotonic() - from) / 1000, withoutLocal: rules.withoutLocal };
  }

  /** Whether the rules are there now. */
  async #applied(table: FamilyTable, { rules, isolates, ranges }: FamilyRules): Promise<boolean> {
    const { facts, writer } = table;
    for (const range of ranges.unsafe)
      this.#warnOnce(
        `addresses of ${range} without endpoints are not refused: the range holds addresses of pods, nodes or the API`,
        'delete the ServiceCIDR, and add a range that has nothing else in it',
      );
    if (isolates && !facts.filtered)
      this.#warnOnce(
        `NetworkPolicies have no effect between pods of this node: its bridge bypasses the packet filter of ` +
          facts.family,
        `modprobe br_netfilter && sysctl -w net.bridge.bridge-nf-call-${packetWords[facts.family].ip}tables=1; ` +
          'then restart the agent',
      );
    try {
      await writer.write(rules.table);
      this.#setAdded(table, ranges.added);
      await this.#endStaleFlows(table, rules.udp);
      return true;
    } catch (error) {
      this.#options.log.error('failed to write the service rules; retrying', {
        family: facts.family,
        error: errorMessage(error),
      });
      this.#schedule(retryMs);
      return false;
    }
  }

  /** Only after the rules are there, too: without them a packet that is led to the bridge is lost in it. */
  #setAdded(table: FamilyTable, added: readonly string[]): void {
    if (table.added?.join() === added.join()) return;
    table.added = added;
    this.#options.rangesChanged();
  }

  /** Only after the rules are there, or a client would be led to an old backend once more. */
  async #endStaleFlows(table: FamilyTable, targets: readonly UdpTarget[]): Promise<void> {
    const text = JSON.stringify(targets.map(({ address, port, backends }) => [address, port, ...backends]));
    if (text === table.udp) return;
    table.udp = text;
    const { run, ownAddresses } = this.#options;
    try {
      await endStaleFlows(run, { family: table.facts.family, targets, own: ownAddresses() });
    } catch (error) {
      this.#warnOnce(
        'flows of UDP are not led away from endpoints that are gone until they pause for two minutes',
        'install the package conntrack',
        errorMessage(error),
      );
    }
  }

  #warnOnce(text: string, fix: string, error?: string): void {
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    this.#options.log.warn(text, { fix, error });
  }
}

/** What the rules of all families are made of. */
interface Shown {
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly policies: readonly NetworkPolicy[];
  readonly serviceCidrs: readonly ServiceCIDR[];
  readonly nodeAddresses: readonly string[];
  readonly localNodes: ReadonlySet<string>;
  readonly zone: string | undefined;
}

function shownNow({ view, localNodes }: ProxyOptions): Shown {
  const nodes = view.list<Node>(resources.nodes);
  const own = new Set(localNodes());
  const zones = new Set(nodes.filter(({ metadata }) => own.has(metadata.name ?? '')).map(zoneOf));
  return {
    services: view.list<Service>(resources.services),
    slices: view.list<EndpointSlice>(resources.endpointSlices),
    policies: view.list<NetworkPolicy>(resources.networkPolicies),
    serviceCidrs: view.list<ServiceCIDR>(resources.serviceCIDRs),
    nodeAddresses: nodes.flatMap(addressesOf),
    localNodes: own,
    zone: zones.size === 1 ? [...zones][0] : undefined,
  };
}

interface FamilyRules {
  readonly rules: Ruleset;
  /** Whether a policy isolates a pod. */
  readonly isolates: boolean;
  readonly ranges: ServiceRanges;
  readonly withoutLocal: WithoutLocalEndpoints;
}

/** The rule set of a family. */
function rulesOf(
  facts: FamilyTable['facts'],
  { services, slices, policies, serviceCidrs, nodeAddresses, localNodes, zone }: Shown,
  { apiServer, hostPorts }: ProxyOptions,
): FamilyRules {
  const scope = { family: facts.family, localNodes, zone };
  const ports = servicePorts(services, slices, scope).map((port) => withApiServer(port, apiServer));
  const reservedAddresses = new Set([
    ...nodeAddresses.flatMap((address) => filterAddress(address, facts.family) ?? []),
    ...ports.filter(isApiService).flatMap(({ backends }) => backends.map(({ address }) => address)),
  ]);
  const isolation = policyRules(policies, slices, scope);
  const own = { ...facts, reservedAddresses, addedServiceCidrs: addedRanges(serviceCidrs, facts.family) };
  return {
    rules: ruleset(ports, { ...own, hostPorts: hostPorts(), policies: isolation }),
    isolates: isolation.baseChains.size > 0,
    ranges: serviceRanges(own),
    withoutLocal: {
      internal: ports.filter((port) => port.internalLocal && lacksLocal(port)).length,
      external: ports.filter((port) => port.externalLocal && lacksLocal(port)).length,
    },
  };
}

const lacksLocal = ({ backends, localBackends }: ServicePortView): boolean =>
  backends.length > 0 && localBackends.length === 0;

const isApiService = ({ namespace, name }: ServicePortView): boolean =>
  namespace === 'default' && name === 'kubernetes';

const addressesOf = ({ status }: Node): readonly string[] => (status?.addresses ?? []).map(({ address }) => address);

/**
 * The API may listen on loopback only, which no endpoint may name: its service leads straight to where it listens then.
 */
function withApiServer(view: ServicePortView, apiServer: ProxyOptions['apiServer']): ServicePortView {
  if (apiServer === undefined || !isApiService(view) || view.backends.length > 0) return view;
  if (familyOf(apiServer.host) !== familyOf(view.clusterIp)) return view;
  return { ...view, backends: [{ address: apiServer.host, port: apiServer.port, local: true }] };
}
