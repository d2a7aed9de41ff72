/** Registers the node, and keeps its status and lease. */
import { microTimeText, type Node, resources, StatusError } from '../../api/index.ts';
import { type Clock, errorMessage, type Logger, type Timer, type Timers } from '../../base/index.ts';
import type { ResourceClient } from '../../resources/index.ts';
import { retryUntilSuccess } from '../retry.ts';
import type { ImageFacts } from '../runtime/index.ts';
import { nodeAnnotations, nodeLabels, nodeObject, nodeStatus, type NodeFacts } from './node-object.ts';

interface RegistrationPorts {
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

interface RegistrationOptions {
  readonly facts: NodeFacts;
  readonly leaseMs: number;
  readonly images: () => Promise<readonly ImageFacts[]>;
  /** Why the node cannot run pods now; undefined: it can. */
  readonly notReadyReason: () => string | undefined;
}

/** A node's standing with the API. */
export interface Registration {
  /** The newest Node seen by the registration. */
  readonly node: Node;
  /** Says at once that the node's fitness changed, and goes on trying until it is said. */
  update(): void;
  /**
   * A Node as the API shows it now: a Ready condition that another writer changed (a node given up as silent) is put
   * right.
   */
  notice(node: Node): void;
  close(): void;
}

const leaseNamespace = 'kube-node-lease';
const statusEveryMs = 60_000;

/**
 * Registers the node, then keeps its lease and status. Resolves when the Node exists and is shown as ready; retries
 * until then.
 */
export async function register(ports: RegistrationPorts, options: RegistrationOptions): Promise<Registration> {
  let node = await retryUntilSuccess(ports, 'register the node', () => createNode(ports.client, options.facts));
  const writeStatus = async (): Promise<void> => {
    const reason = options.notReadyReason();
    const shown = (await ports.client.get<Node>({ ...resources.nodes, name: options.facts.name })).status ?? {};
    const status = nodeStatus(options.facts, {
      ready: reason === undefined,
      message: reason ?? '',
      now: ports.clock.now(),
      images: await options.images().catch(() => []),
      shown,
    });
    const written = await ports.client.patch<Node>(
      { ...resources.nodes, name: options.facts.name },
      {
        type: 'strategic',
        body: {
          status: { ...status, addresses: [{ $patch: 'replace' }, ...(status as { addresses: object[] }).addresses] },
        },
      },
      { subresource: 'status', fieldManager: 'node-agent' },
    );
    node = written.object;
  };
  await retryUntilSuccess(ports, 'write the node status', writeStatus);
  const lease = keepLease(ports, options.facts.name, options.leaseMs);
  const again = async (): Promise<void> => {
    try {
      await writeStatus();
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== 404) throw error;
      // The Node of a machine that lives was deleted: it registers again.
      node = await createNode(ports.client, options.facts);
      await writeStatus();
    }
  };
  let closed = false;
  let wanted = false;
  let writing = false;
  const write = async (): Promise<void> => {
    while (wanted && !closed) {
      wanted = false;
      await retryUntilSuccess(ports, 'write the node status', async () => {
        if (!closed) await again();
      });
    }
  };
  const update = (): void => {
    wanted = true;
    if (writing) return;
    writing = true;
    write()
      .catch((error: unknown) => {
        if (!closed) ports.log.error('failed to write the node status', { error: errorMessage(error) });
      })
      .finally(() => {
        writing = false;
      });
  };
  const timer = ports.timers.every(statusEveryMs, update);
  return {
    get node() {
      return node;
    },
    update,
    notice: (shown) => {
      if (readyOf(shown) !== (options.notReadyReason() === undefined ? 'True' : 'False')) update();
    },
    close: () => {
      closed = true;
      timer.cancel();
      lease.close();
    },
  };
}

function readyOf(node: Node): string | undefined {
  return node.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
}

async function createNode(client: ResourceClient, facts: NodeFacts): Promise<Node> {
  try {
    return (await client.create<Node>(resources.nodes, nodeObject(facts), { fieldManager: 'node-agent' })).object;
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 409) throw error;
    const written = await client.patch<Node>(
      { ...resources.nodes, name: facts.name },
      { type: 'strategic', body: { metadata: { labels: nodeLabels(facts), annotations: nodeAnnotations(facts) } } },
      { fieldManager: 'node-agent' },
    );
    return written.object;
  }
}

/** Renews the node's Lease: the sign of life that costs least. A miss is made up at the next turn. */
function keepLease(ports: RegistrationPorts, name: string, leaseMs: number): { close(): void } {
  let known = false;
  let closed = false;
  let timer: Timer | undefined;
  const ref = { ...resources.leases, namespace: leaseNamespace, name };
  const spec = (): object => ({
    holderIdentity: name,
    leaseDurationSeconds: Math.max(1, Math.ceil((leaseMs * 3) / 1000)),
    renewTime: microTimeText(ports.clock.now()),
  });
  const renew = async (): Promise<void> => {
    if (known) {
      try {
        await ports.client.patch(ref, { type: 'merge', body: { spec: spec() } }, { fieldManager: 'node-agent' });
        return;
      } catch (error) {
        if (!(error instanceof StatusError) || error.code !== 404) throw error;
      }
    }
    try {
      await ports.client.create(
        { ...resources.leases, namespace: leaseNamespace },
        {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name, namespace: leaseNamespace },
          spec: spec(),
        },
        { fieldManager: 'node-agent' },
      );
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== 409) throw error;
    }
    known = true;
  };
  const turn = (): void => {
    renew()
      .catch((error: unknown) => {
        ports.log.warn('failed to renew the node lease; retrying', { error: errorMessage(error) });
      })
      .finally(() => {
        if (!closed) timer = ports.timers.after(leaseMs, turn);
      });
  };
  turn();
  return {
    close: () => {
      closed = true;
      timer?.cancel();
    },
  };
}
