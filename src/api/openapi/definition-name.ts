/** Names of types in OpenAPI documents. */

const homes: readonly (readonly [prefix: string, home: string])[] = [
  ['version.', 'io.k8s.apimachinery.pkg.version.'],
  ['meta/', 'io.k8s.apimachinery.pkg.apis.meta.'],
  ['apiextensions/', 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.'],
  ['metrics/', 'io.k8s.metrics.pkg.apis.metrics.'],
  ['apiregistration/', 'io.k8s.kube-aggregator.pkg.apis.apiregistration.'],
];

/**
 * The published name of a schema type: `io.k8s.api.core.v1.Pod` of `core/v1.Pod`, `com.example.v1.Widget` of
 * `example.com/v1.Widget`.
 */
export function definitionName(type: string): string {
  const [group = '', rest = ''] = type.split('/');
  if (rest !== '' && group.includes('.')) return `${group.split('.').reverse().join('.')}.${rest}`;
  const home = homes.find(([prefix]) => type.startsWith(prefix));
  return home === undefined ? `io.k8s.api.${type.replace('/', '.')}` : home[1] + type.slice(home[0].length);
}
