/** Keeps the machine's packet filter equal to Services, endpoints and policies. */
import { errorMessage, type Logger, type Metrics, type Timer, type Timers, type Clock } from '../../base/index.ts';
import type { ObjectChange, ResourceView } from '../../resources/index.ts';
import {
  type EndpointSlice,
  type NetworkPolicy,
  type Node,
  resources,
  sameResource,
  type Service,
} from '../../api/index.ts';
import type { RunCommand } from '../network/index.ts';
import { policyRules } from './policy-rules.ts';
import { type HostPort, ruleset, type RulesetFacts } from './ruleset.ts';
import { servicePorts, type ServicePortView } from './service-ports.ts';

interface ProxyOptions {
  readonly view: ResourceView;
  readonly run: RunCommand;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly facts: Omit<RulesetFacts, 'hostPorts' | 'policies' | 'reservedAddresses'>;
  /**
   * Where the API itself listens: what the service `default/kubernetes` leads to from this machine while it has no
   * endpoints.
   */
  readonly apiServer?: { readonly host: string; readonly port: number } | undefined;
  /** Whether this agent writes the machine's rules now. */
  readonly active: () => boolean;
  readonly localNodes: () => readonly string[];
  readonly hostPorts: () => readonly HostPort[];
}

export interface Proxy {
  /** Something besides services and endpoints changed. */
  wake(): void;
  /** Stops, and resolves when nothing is being written any more. The rules stay. */
  close(): Promise<void>;
}

/** The collections that the rules are made of. */
const shown = [resources.services, resources.endpointSlices, resources.networkPolicies];
const debounceMs = 20;
const retryMs = 1000;

/** Keeps the machine's rules equal to what the view shows. */
export function startProxy(options: ProxyOptions): Proxy {
  let timer: Timer | undefined;
  let running: Promise<void> | undefined;
  let applied = '';
  let dirty = false;
  let closed = false;
  let warned = false;
  const apply = async (): Promise<void> => {
    if (!options.active()) {
      applied = '';
      return;
    }
    const { text, isolates } = rulesOf(options);
    if (isolates && !options.facts.filtered && !warned) {
      warned = true;
      options.log.warn(
        'NetworkPolicies have no effect between pods of this node: its bridge bypasses the packet filter',
        { fix: 'modprobe br_netfilter && sysctl -w net.bridge.bridge-nf-call-iptables=1; then restart the agent' },
      );
    }
    if (text === applied) return;
    const from = options.clock.monotonic();
    try {
      await options.run('nft', ['-f', '-'], text);
      applied = text;
    } catch (error) {
      options.log.error('failed to write the service rules; retrying', { error: errorMessage(error) });
      schedule(retryMs);
    }
    options.metrics.observe('troupe_proxy_sync_seconds', (options.clock.monotonic() - from) / 1000);
  };
  const schedule = (delayMs: number): void => {
    if (closed || timer !== undefined) return;
    timer = options.timers.after(delayMs, () => {
      timer = undefined;
      if (running !== undefined) {
        dirty = true;
        return;
      }
      running = apply().finally(() => {
        running = undefined;
        if (dirty) {
          dirty = false;
          schedule(debounceMs);
        }
      });
    });
  };
  const wake = (): void => {
    schedule(debounceMs);
  };
  const moves = nodeMoves(options.view);
  const stopListening = options.view.onChange((change) => {
    if (shown.some((own) => sameResource(change.resource, own)) || moves(change)) wake();
  });
  schedule(0);
  return {
    wake,
    close: async () => {
      closed = true;
      timer?.cancel();
      stopListening();
      await running;
    },
  };
}

/** The rule set, and whether a policy isolates a pod in it. */
function rulesOf({ view, localNodes, apiServer, facts, hostPorts }: ProxyOptions): {
  readonly text: string;
  readonly isolates: boolean;
} {
  const slices = view.list<EndpointSlice>(resources.endpointSlices);
  const nodes = new Set(localNodes());
  const ports = servicePorts(view.list<Service>(resources.services), slices, nodes).map((port) =>
    withApiServer(port, apiServer),
  );
  const reservedAddresses = new Set([
    ...view.list<Node>(resources.nodes).flatMap(addressesOf),
    ...ports.filter(isApiService).flatMap(({ backends }) => backends.map(({ address }) => address)),
  ]);
  const policies = policyRules(view.list<NetworkPolicy>(resources.networkPolicies), slices, nodes);
  return {
    text: ruleset(ports, { ...facts, hostPorts: hostPorts(), policies, reservedAddresses }),
    isolates: policies.baseChains.length > 0,
  };
}

const isApiService = ({ namespace, name }: ServicePortView): boolean =>
  namespace === 'default' && name === 'kubernetes';

const addressesOf = ({ status }: Node): readonly string[] => (status?.addresses ?? []).map(({ address }) => address);

/** Tells of a change whether a node came, went or moved: most writes of nodes are their heartbeats. */
function nodeMoves(view: ResourceView): (change: ObjectChange) => boolean {
  const known = new Map<string, string>();
  return ({ resource, object }) => {
    if (!sameResource(resource, resources.nodes)) return false;
    const { name = '' } = object.metadata;
    const node = view.get<Node>(resources.nodes, undefined, name);
    const addresses = node === undefined ? '' : addressesOf(node).join(' ');
    if (addresses === (known.get(name) ?? '')) return false;
    if (addresses === '') known.delete(name);
    else known.set(name, addresses);
    return true;
  };
}

/**
 * The API may listen on loopback only, which no endpoint may name: its service leads straight to where it listens then.
 */
function withApiServer(view: ServicePortView, apiServer: ProxyOptions['apiServer']): ServicePortView {
  if (apiServer === undefined || !isApiService(view) || view.backends.length > 0) return view;
  return { ...view, backends: [{ address: apiServer.host, port: apiServer.port, local: true }] };
}
