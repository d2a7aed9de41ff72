import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { allResources } from '../schema/index.ts';
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, apiVersions } from './index.ts';

const recordedPath = new URL('../../../../shared/kubernetes/discovery.json', import.meta.url);

interface Recorded {
  readonly aggregated: Readonly<Record<string, unknown>>;
  readonly unaggregated: Readonly<
    Record<string, { readonly serverAddressByClientCIDRs?: readonly { readonly serverAddress: string }[] }>
  >;
  readonly resources: Readonly<Record<string, unknown>>;
}

const isRecorded = existsSync(recordedPath);
const compared = isRecorded ? test : test.skip;
if (!isRecorded) console.log('tests are skipped: the recorded discovery documents are not beside this checkout');

const recorded = (): Recorded => JSON.parse(readFileSync(recordedPath, 'utf8')) as Recorded;

/** The recording has no storage version hashes. */
function withoutHashes(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, item: unknown) => (key === 'storageVersionHash' ? undefined : item)));
}

compared('aggregated discovery is what the reference server answers', (t) => {
  const reference = recorded();
  for (const [path, expected] of Object.entries(reference.aggregated)) {
    t.is(
      JSON.stringify(aggregatedDiscovery(allResources(), { core: path === '/api', version: 'v2' })),
      JSON.stringify(expected),
      path,
    );
  }
});

compared('plain discovery is what the reference server answers', (t) => {
  const reference = recorded();
  const address = reference.unaggregated['/api']?.serverAddressByClientCIDRs?.[0]?.serverAddress ?? '';
  t.deepEqual(apiVersions(allResources(), address), reference.unaggregated['/api']);
  t.deepEqual(apiGroupList(allResources()), reference.unaggregated['/apis']);
  for (const [path, expected] of Object.entries(reference.resources)) {
    const [, root, ...rest] = path.split('/');
    const [group = '', version = ''] = root === 'api' ? ['', rest[0]] : rest;
    t.deepEqual(withoutHashes(apiResourceList(allResources(), group, version)), expected, path);
  }
});

test('a group tells its versions, the preferred one first', (t) => {
  const group = apiGroup(allResources(), 'autoscaling');
  t.deepEqual(group?.['preferredVersion'], { groupVersion: 'autoscaling/v2', version: 'v2' });
  t.is(apiGroup(allResources(), 'none.example.com'), undefined);
  t.is(apiResourceList(allResources(), 'apps', 'v9'), undefined);
});

test('stored resources carry the fingerprint that upstream gives them', (t) => {
  const list = apiResourceList(allResources(), '', 'v1')?.['resources'] as readonly {
    readonly name: string;
    readonly storageVersionHash?: string;
  }[];
  const hash = (name: string): string | undefined =>
    list.find((resource) => resource.name === name)?.storageVersionHash;
  t.is(hash('pods'), 'xPOwRZ+Yhw8=');
  t.is(hash('bindings'), undefined);
  t.is(hash('pods/status'), undefined);
});
