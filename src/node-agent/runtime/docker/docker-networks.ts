/** The networks of a Docker Engine. */
import { isForeign, labels as names } from '../labels.ts';
import { type NetworkSpec, RuntimeError } from '../runtime.ts';
import { type DockerConnection, ignoring } from './docker-connection.ts';

interface DockerNetwork {
  readonly IPAM?: { readonly Config?: readonly { readonly Subnet?: string }[] };
  readonly Labels?: Readonly<Record<string, string>> | null;
}

const pathOf = (name: string): string => `/networks/${encodeURIComponent(name)}`;

const subnetOf = ({ IPAM }: DockerNetwork): string => IPAM?.Config?.[0]?.Subnet ?? '';

const fits = (network: DockerNetwork, { subnet }: NetworkSpec): boolean =>
  subnet === undefined || subnetOf(network) === subnet;

function found(connection: DockerConnection, name: string): Promise<DockerNetwork | undefined> {
  return ignoring('not-found', connection.call<DockerNetwork>('GET', pathOf(name)));
}

/** Makes the network; an empty one of another range, or of a cluster that is gone, is recreated. */
export async function ensureNetwork(connection: DockerConnection, spec: NetworkSpec): Promise<void> {
  const there = await found(connection, spec.name);
  const foreign = there !== undefined && isForeign(there.Labels ?? {}, spec.labels);
  if (there !== undefined && fits(there, spec) && !foreign) return;
  if (there !== undefined) {
    const inUse = (cause?: unknown): RuntimeError =>
      new RuntimeError('conflict', foreign ? foreignText(spec) : rangeText(spec, subnetOf(there)), cause);
    // The engine does not know of pods' links.
    if (await hasLinks(connection, there, spec)) throw inUse();
    try {
      await connection.call('DELETE', pathOf(spec.name));
    } catch (error) {
      throw inUse(error);
    }
  }
  // Two agents that start at once: the second one finds the name or the address range taken, which is what it wanted if
  // the network is there.
  try {
    await connection.call('POST', '/networks/create', {
      body: {
        Name: spec.name,
        Driver: 'bridge',
        CheckDuplicate: true,
        IPAM: spec.subnet === undefined ? {} : { Config: [{ Subnet: spec.subnet, Gateway: spec.gateway }] },
        Options: {
          'com.docker.network.bridge.name': spec.bridge,
          'com.docker.network.bridge.enable_ip_masquerade': 'false',
          ...(spec.mtu === undefined ? {} : { 'com.docker.network.driver.mtu': String(spec.mtu) }),
        },
        Labels: spec.labels,
      },
    });
  } catch (error) {
    const now = await found(connection, spec.name);
    if (now !== undefined && fits(now, spec) && !isForeign(now.Labels ?? {}, spec.labels)) return;
    const overlap = error instanceof RuntimeError && /overlaps/.test(error.message);
    throw overlap
      ? new RuntimeError(
          'conflict',
          `the pod range ${spec.subnet ?? ''} overlaps another network of this machine ` +
            '(docker network ls; ip route): choose another one',
          error,
        )
      : error;
  }
}

const foreignText = ({ name, labels }: NetworkSpec): string =>
  `network ${name} belongs to another cluster named ${labels[names.cluster] ?? ''} on this machine, which has pods; ` +
  'start this cluster under another name (troupe up --cluster NAME), or purge that one (troupe down --purge)';

const rangeText = ({ name, subnet }: NetworkSpec, theirs: string): string =>
  `network ${name} has the range ${theirs}, not ${subnet ?? ''}, and is in use; stop its pods or keep the range`;

/** Whether pods of the network's cluster run. */
async function hasLinks(connection: DockerConnection, { Labels }: DockerNetwork, spec: NetworkSpec): Promise<boolean> {
  const cluster = Labels?.[names.cluster] ?? spec.labels[names.cluster] ?? '';
  const id = Labels?.[names.clusterId];
  const filters = JSON.stringify({
    status: ['running'],
    label: [`${names.cluster}=${cluster}`, names.link, ...(id === undefined ? [] : [`${names.clusterId}=${id}`])],
  });
  return (await connection.call<readonly object[]>('GET', '/containers/json', { query: { filters } })).length > 0;
}

/** False: the network belongs to another cluster. */
export async function removeNetwork(
  connection: DockerConnection,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<boolean> {
  const there = await found(connection, name);
  if (there !== undefined && isForeign(there.Labels ?? {}, labels)) return false;
  await ignoring('not-found', connection.call('DELETE', pathOf(name)));
  return true;
}
