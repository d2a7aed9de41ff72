import { shardOf, shardsCount } from '../../src/shards/index.ts';
import type { Cluster } from './cluster.ts';
import { eventually } from './cluster.ts';
import { ManyClient } from './members-client.ts';

const deployments = '/apis/apps/v1/namespaces/default/deployments';
const replicaSets = '/apis/apps/v1/namespaces/default/replicasets';

/** Names so that the Deployments are in all shards, one each. */
function oneOfEachShard(prefix: string): readonly string[] {
  const names = new Map<number, string>();
  for (let i = 0; names.size < shardsCount; i++)
    names.set(shardOf('deployment-controller', `default/${prefix}-${i}`), `${prefix}-${i}`);
  return [...names.values()];
}

/**
 * Tells when each shard acts: a Deployment in it gets its ReplicaSet, as a watch at another member shows. It is opened
 * before a member is struck, so that no connection has to be made then; the Deployments are created at that moment, all
 * at once.
 */
export class ShardProbe {
  readonly #client: ManyClient;
  readonly #prefix: string;
  readonly #watch: { close(): void };
  /** By the Deployment's name, when its ReplicaSet was seen. */
  readonly #acted = new Map<string, number>();

  private constructor(client: ManyClient, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
    this.#watch = client.watch(`${replicaSets}?labelSelector=app%3D${prefix}`, ({ object }) => {
      const owner = (object as { metadata: { ownerReferences?: readonly { name: string }[] } }).metadata
        .ownerReferences?.[0]?.name;
      if (owner !== undefined && !this.#acted.has(owner)) this.#acted.set(owner, performance.now());
    });
  }

  /** `urls`: members that are not struck: a client's own patience is not what is measured. */
  static async open(cluster: Cluster, urls: readonly string[], prefix: string): Promise<ShardProbe> {
    const client = new ManyClient(cluster, urls, 0, { sockets: 8 });
    await Promise.all(Array.from({ length: 16 }, () => client.ask('GET', '/readyz')));
    return new ShardProbe(client, prefix);
  }

  /** How long after `from` (a moment of performance.now) the last of all shards has acted, in ms. */
  async lastAct(from: number): Promise<number> {
    const names = oneOfEachShard(this.#prefix);
    await Promise.all(
      names.map((name) =>
        eventually(`the Deployment ${name}`, async () => {
          const answer = await this.#client.ask('POST', deployments, {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            metadata: { name },
            spec: {
              replicas: 0,
              selector: { matchLabels: { app: this.#prefix } },
              template: {
                metadata: { labels: { app: this.#prefix } },
                spec: { containers: [{ name: 'c', image: 'none' }] },
              },
            },
          });
          return answer.status === 201 || answer.status === 409;
        }),
      ),
    );
    await eventually('a ReplicaSet of every Deployment', () => names.every((name) => this.#acted.has(name)));
    this.#watch.close();
    this.#client.close();
    return Math.round(Math.max(...names.map((name) => this.#acted.get(name) ?? 0)) - from);
  }
}
