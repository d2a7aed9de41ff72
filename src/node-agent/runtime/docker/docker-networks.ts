/** The networks of a Docker Engine. */
import { labels as names } from '../labels.ts';
import { type NetworkSpec, RuntimeError } from '../runtime.ts';
import { type DockerConnection, ignoring } from './docker-connection.ts';

/** Makes the network; an empty one with another range is recreated. */
export async function ensureNetwork(connection: DockerConnection, spec: NetworkSpec): Promise<void> {
  const path = `/networks/${encodeURIComponent(spec.name)}`;
  const subnetOf = async (): Promise<string | undefined> => {
    const found = await ignoring(
      'not-found',
      connection.call<{ IPAM?: { Config?: readonly { Subnet?: string }[] } }>('GET', path),
    );
    return found === undefined ? undefined : (found.IPAM?.Config?.[0]?.Subnet ?? '');
  };
  const subnet = await subnetOf();
  if (subnet === spec.subnet) return;
  if (subnet !== undefined) {
    // Made for other settings: an empty one is recreated, one in use is not touched. The engine does not know of pods'
    // links.
    const inUse = (cause?: unknown): RuntimeError =>
      new RuntimeError(
        'conflict',
        `network ${spec.name} has the range ${subnet}, not ${spec.subnet}, and is in use; ` +
          'stop its pods or keep the range',
        cause,
      );
    if (await hasLinks(connection, spec)) throw inUse();
    try {
      await connection.call('DELETE', path);
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
        IPAM: { Config: [{ Subnet: spec.subnet, Gateway: spec.gateway }] },
        Options: {
          'com.docker.network.bridge.name': spec.bridge,
          'com.docker.network.bridge.enable_ip_masquerade': 'false',
          ...(spec.mtu === undefined ? {} : { 'com.docker.network.driver.mtu': String(spec.mtu) }),
        },
        Labels: spec.labels,
      },
    });
  } catch (error) {
    if ((await subnetOf()) === spec.subnet) return;
    const overlap = error instanceof RuntimeError && /overlaps/.test(error.message);
    throw overlap
      ? new RuntimeError(
          'conflict',
          `the pod range ${spec.subnet} overlaps another network of this machine ` +
            '(docker network ls; ip route): choose another one',
          error,
        )
      : error;
  }
}

async function hasLinks(connection: DockerConnection, spec: NetworkSpec): Promise<boolean> {
  const filters = JSON.stringify({
    status: ['running'],
    label: [`${names.cluster}=${spec.labels[names.cluster]}`, names.link],
  });
  return (await connection.call<readonly object[]>('GET', '/containers/json', { query: { filters } })).length > 0;
}

export async function removeNetwork(connection: DockerConnection, name: string): Promise<void> {
  await ignoring('not-found', connection.call('DELETE', `/networks/${encodeURIComponent(name)}`));
}
