/** Health checks of what a member does once when it starts, by the names that Kubernetes gives the steps. */
import { type APIService, type CustomResourceDefinition, type GroupResource, resources } from '../../api/index.ts';
import type { HealthCheck } from '../../api-server/index.ts';
import type { Logger } from '../../base/index.ts';
import type { ResourceCatalogue, ResourceView } from '../../resources/index.ts';

interface StartPorts {
  readonly view: ResourceView;
  readonly catalogue: ResourceCatalogue;
  readonly log: Logger;
}

type Wanted = readonly [GroupResource, string | undefined, string];

/**
 * Tools look for these names. Each holds once what the step makes is there: before, the member has not come up. What is
 * removed later does not fail it again, since a restart would be no help.
 */
export function startChecks({ view, catalogue, log }: StartPorts): readonly HealthCheck[] {
  const done = new Set<string>();
  const step = (name: string, missing: () => string | undefined): HealthCheck => ({
    name,
    check: () => {
      if (done.has(name)) return;
      const what = missing();
      if (what !== undefined) throw new Error(`${what} is not there yet`);
      done.add(name);
    },
  });
  const objects = (name: string, wanted: readonly Wanted[]): HealthCheck =>
    step(name, () => wanted.find(([resource, namespace, object]) => !view.get(resource, namespace, object))?.[2]);
  const served = (): string | undefined => (catalogue.all().length > 0 ? undefined : 'the catalogue of resources');
  return [
    {
      name: 'log',
      check: () => {
        log.debug('the log is asked for its health');
      },
    },
    step('poststarthook/start-apiserver-admission-initializer', served),
    step('poststarthook/generic-apiserver-start-informers', () => firstMissing(view, namespaces)),
    objects('poststarthook/priority-and-fairness-config-consumer', priorityLevels),
    objects('poststarthook/priority-and-fairness-filter', priorityLevels),
    step('poststarthook/storage-object-count-tracker-hook', served),
    step('poststarthook/start-apiextensions-informers', () => unservedDefinition(view, catalogue)),
    step('poststarthook/start-apiextensions-controllers', () => unservedDefinition(view, catalogue)),
    step('poststarthook/crd-informer-synced', () => unservedDefinition(view, catalogue)),
    objects('poststarthook/start-system-namespaces-controller', namespaces),
    objects('poststarthook/start-cluster-authentication-info-controller', [
      [resources.configMaps, 'kube-system', 'extension-apiserver-authentication'],
    ]),
    objects('poststarthook/start-legacy-token-tracking-controller', [
      [resources.configMaps, 'kube-system', 'kube-apiserver-legacy-service-account-token-tracking'],
    ]),
    objects('poststarthook/start-service-ip-repair-controllers', ownService),
    objects('poststarthook/rbac/bootstrap-roles', [
      [resources.clusterRoles, undefined, 'cluster-admin'],
      [resources.clusterRoleBindings, undefined, 'cluster-admin'],
    ]),
    objects('poststarthook/scheduling/bootstrap-system-priority-classes', [
      [resources.priorityClasses, undefined, 'system-node-critical'],
      [resources.priorityClasses, undefined, 'system-cluster-critical'],
    ]),
    objects('poststarthook/priority-and-fairness-config-producer', priorityLevels),
    objects('poststarthook/bootstrap-controller', ownService),
    objects('poststarthook/start-kubernetes-service-cidr-controller', [
      [resources.serviceCIDRs, undefined, 'kubernetes'],
    ]),
    step('poststarthook/start-kube-aggregator-informers', () => unregistered(view)),
    step('poststarthook/apiservice-status-local-available-controller', () => unjudged(view, 'local')),
    step('poststarthook/apiservice-status-remote-available-controller', () => unjudged(view, 'remote')),
    step('poststarthook/apiservice-registration-controller', () => unregistered(view)),
    step('poststarthook/apiservice-discovery-controller', served),
    step('poststarthook/kube-apiserver-autoregistration', () => unregistered(view)),
    step('autoregister-completion', () => unregistered(view)),
    step('poststarthook/apiservice-openapi-controller', served),
    step('poststarthook/apiservice-openapiv3-controller', served),
  ];
}

const namespaces: readonly Wanted[] = ['default', 'kube-system', 'kube-public', 'kube-node-lease'].map(
  (name): Wanted => [resources.namespaces, undefined, name],
);
const priorityLevels: readonly Wanted[] = ['exempt', 'catch-all'].flatMap((name): readonly Wanted[] => [
  [resources.flowSchemas, undefined, name],
  [resources.priorityLevelConfigurations, undefined, name],
]);
const ownService: readonly Wanted[] = [[resources.services, 'default', 'kubernetes']];

const firstMissing = (view: ResourceView, wanted: readonly Wanted[]): string | undefined =>
  wanted.find(([resource, namespace, name]) => view.get(resource, namespace, name) === undefined)?.[2];

/** A definition that is established and yet not served. */
function unservedDefinition(view: ResourceView, catalogue: ResourceCatalogue): string | undefined {
  return view.list<CustomResourceDefinition>(resources.customResourceDefinitions).find(({ spec, status }) => {
    const isEstablished = status?.conditions?.some(
      ({ type, status: state }) => type === 'Established' && state === 'True',
    );
    const version = spec.versions.find(({ served }) => served)?.name;
    return (
      isEstablished === true &&
      version !== undefined &&
      catalogue.find(spec.group, version, spec.names.plural) === undefined
    );
  })?.metadata.name;
}

/** The groups that every server has stand among the APIServices. */
const unregistered = (view: ResourceView): string | undefined =>
  ['v1.', 'v1.apps'].find((name) => view.get(resources.apiServices, undefined, name) === undefined);

/** An APIService of which nobody has said yet whether it is available. */
function unjudged(view: ResourceView, which: 'local' | 'remote'): string | undefined {
  const services = view.list<APIService>(resources.apiServices);
  const mine = services.filter(({ spec }) => (spec.service === undefined) === (which === 'local'));
  return mine.find(({ status }) => status?.conditions?.some(({ type }) => type === 'Available') !== true)?.metadata
    .name;
}
