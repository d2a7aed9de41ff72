import test from 'ava';
import type { KubeObject } from '../../src/api/index.ts';
import { silentLogger } from '../../src/base/index.ts';
import { bootstrapObjects } from '../../src/resources/bootstrap/index.ts';
import { startHarness } from '../../src/resources/testing/harness.ts';
import { allowed, differencesOf, fact, unexplained } from './facts.ts';

type Objects = Readonly<Record<string, readonly KubeObject[]>>;

const address = '192.0.2.1';

/** An object without what every server chooses by itself. */
function plain(object: KubeObject): unknown {
  const {
    uid: _uid,
    resourceVersion: _version,
    creationTimestamp: _created,
    managedFields: _managed,
    ...metadata
  } = object.metadata as Readonly<Record<string, unknown>>;
  return JSON.parse(
    JSON.stringify({ ...object, metadata }, (key, value: unknown) =>
      key === 'lastTransitionTime'
        ? '<time>'
        : key === 'since'
          ? '<YYYY-MM-DD>'
          : value === '<advertise-address>'
            ? address
            : value,
    ),
  );
}

const byName = (objects: readonly KubeObject[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    objects.map((object) => [`${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`, plain(object)]),
  );

test('a new cluster has the objects of the reference server, but for the differences that are explained', async (t) => {
  const facts = fact(t, 'bootstrap.json') as
    | { readonly byApiServer: Objects; readonly byControllerManager: Objects }
    | undefined;
  if (facts === undefined) return;
  const h = await startHarness();
  const settings = { serviceCidrs: ['10.96.0.0/16'], apiEndpoints: [{ address, port: 8443 }] };
  await bootstrapObjects({
    service: h.service,
    store: h.store,
    clock: { now: () => h.now, monotonic: () => h.now },
    log: silentLogger,
    settings,
  });
  const differences: string[] = [];
  for (const [path, objects] of Object.entries(facts.byApiServer)) {
    // The controllers fill in the rules of aggregated roles; here the bootstrap does.
    const wanted = {
      ...byName(objects),
      ...(path.includes('/rbac') ? byName(facts.byControllerManager[path] ?? []) : {}),
    };
    const items = (await h.service.list(h.target(path), {})).records.map((record) => record.object<KubeObject>());
    differences.push(...differencesOf(wanted, byName(items), path));
  }
  const left = unexplained(differences, allowed.bootstrap);
  t.log(`${differences.length} differences, ${left.length} of them unexplained`);
  t.deepEqual(left, []);
});
