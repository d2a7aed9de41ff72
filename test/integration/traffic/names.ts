/** The names of headless Services, asked for from every place of the cluster. */
import { dnsAddress, type Lane } from './lane.ts';
import { endpointSets, named, places } from './paths.ts';

/** What differed: a name leads to the pods that are ready, and one that leads to nobody does not exist. */
export async function askNames(lane: Lane): Promise<readonly string[]> {
  const inside = places.filter(({ kind }) => kind !== 'outside');
  const differences = inside.flatMap((place) =>
    Object.keys(endpointSets).map(async (endpoints) => {
      const name = `headless-${endpoints}.default.svc.cluster.local`;
      const wanted = named(endpoints).map((pod) => lane.pods.get(pod) ?? '');
      const id = `${place.name} ${name}`;
      const told = await lane.prober(place.name).resolve({ id, protocol: 'dns', server: dnsAddress, name });
      const says = told.failure === '' ? [...told.addresses].sort().join(' ') : told.failure;
      const expected = wanted.length === 0 ? 'ENOTFOUND' : wanted.sort().join(' ');
      return says === expected ? [] : [`${id}: ${says}, not ${expected}`];
    }),
  );
  return (await Promise.all(differences)).flat();
}
