import test from 'ava';
import { allResources, openapiV2, openapiV3, openapiV3Index, optionalResources } from '../../src/api/index.ts';
import { allowed, differencesOf, fact, unexplained } from './facts.ts';

type Document = Readonly<Record<string, unknown>>;

/**
 * A document as it is sent, references to shared parameters replaced by what they mean, texts of description left out
 * where both have one.
 */
function plain(document: unknown): Document {
  const parameters = (document as { readonly parameters?: Readonly<Record<string, unknown>> }).parameters ?? {};
  const shared = '#/parameters/';
  return JSON.parse(
    JSON.stringify(document, (key, value: unknown) => {
      if (key === 'description' && typeof value === 'string') return '';
      const reference = (value as { readonly $ref?: unknown } | null)?.$ref;
      return typeof reference === 'string' && reference.startsWith(shared)
        ? parameters[reference.slice(shared.length)]
        : value;
    }),
  ) as Document;
}

test('OpenAPI v2 and v3 are what the reference server publishes, but for the differences that are explained', (t) => {
  const two = fact(t, 'openapi-v2-served.json.gz');
  const three = fact(t, 'openapi-v3-served.json.gz') as Readonly<Record<string, unknown>> | undefined;
  if (two === undefined || three === undefined) return;
  const index = openapiV3Index()['paths'] as Document;
  const differences = [
    ...differencesOf(plain(two), plain(openapiV2()), 'v2'),
    ...differencesOf(Object.keys(three).sort(), Object.keys(index).sort(), 'index'),
    ...Object.entries(three).flatMap(([key, document]) =>
      differencesOf(plain(document), plain(openapiV3(key) ?? {}), `v3 ${key}`),
    ),
  ];
  const left = unexplained(differences, allowed.openapi);
  t.log(`${differences.length} differences, ${left.length} of them unexplained`);
  t.deepEqual(left, []);
});

test('group versions that are off by default are defined as Kubernetes publishes them', (t) => {
  const published = fact(t, 'openapi-v2.json.gz');
  if (published === undefined) return;
  const versions = ['admissionregistration.k8s.io/v1alpha1', 'resource.k8s.io/v1beta1', 'resource.k8s.io/v1beta2'];
  const optional = optionalResources(versions);
  const [theirs, ours] = [published, openapiV2([...allResources(), ...optional])].map(
    (document) => plain(document)['definitions'] as Document,
  );
  const names = Object.keys(theirs ?? {}).filter((name) =>
    /^io\.k8s\.api\.(admissionregistration\.v1alpha1|resource\.v1beta[12])\./.test(name),
  );
  t.is(names.length, 93);
  t.deepEqual(
    differencesOf(
      Object.fromEntries(names.map((name) => [name, theirs?.[name]])),
      Object.fromEntries(names.map((name) => [name, ours?.[name]])),
    ).filter((difference) => !difference.endsWith(' > description')),
    [],
  );
});
