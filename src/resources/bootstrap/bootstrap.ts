/** Writes the objects that every cluster has, when it starts. */
import {
  behaviourOf,
  type JsonObject,
  type KubeObject,
  metadataOf,
  semanticEqual,
  type ServiceCIDR,
  serviceNameLabel,
  StatusError,
  timeText,
} from '../../api/index.ts';
import { type Clock, errorMessage, type Logger } from '../../base/index.ts';
import type { Store } from '../../state/index.ts';
import { encodeJson } from '../stored/encoding.ts';
import { keyOf } from '../stored/key.ts';
import { textOf } from '../writing/metadata.ts';
import { systemUser } from '../ports.ts';
import type { ResourceService, Target, WriteContext } from '../service.ts';
import { infoOfObject } from '../stored/versions.ts';
import {
  type ApiEndpoint,
  apiEndpoints,
  apiService,
  authenticationConfig,
  bootstrapNamespaces,
  type BootstrapSettings,
  fixedObjects,
  localApiServices,
  serviceRange,
  tokenTracking,
} from './cluster-objects.ts';
import { rbacObjects, rulesTakenBack } from './rbac-objects.ts';
import { extended } from './rbac-upgrade.ts';

interface BootstrapOptions {
  readonly service: ResourceService;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: BootstrapSettings;
}

type Parts = Omit<BootstrapOptions, 'settings'>;

const context: WriteContext = {
  user: systemUser,
  dryRun: false,
  fieldManager: 'kube-apiserver',
  fieldValidation: 'Ignore',
  warn: () => undefined,
};
/** Objects that are written at the same time, so that they share the log's syncs. */
const parallelMax = 64;

/** Makes what is missing. Harmless when it runs again, or on several members at once. */
export async function bootstrapObjects(options: BootstrapOptions): Promise<void> {
  const { settings, clock } = options;
  const now = timeText(clock.now());
  await ensureAll(
    options,
    bootstrapNamespaces.map((name) => ({ kind: 'Namespace', apiVersion: 'v1', metadata: { name } })),
  );
  await ensureAll(options, [...fixedObjects(settings), tokenTracking(now.slice(0, 10))]);
  const authentication = authenticationConfig(settings);
  if (authentication !== undefined) await keepData(options, authentication);
  for (const object of rbacObjects(settings.features)) await extend(options, object);
  const local = {
    type: 'Available',
    status: 'True',
    lastTransitionTime: now,
    reason: 'Local',
    message: 'Local APIServices are always available',
  };
  await ensureAll(options, localApiServices(settings), () => ({ conditions: [local] }));
  await joinServiceRange(options);
  await ensureStatus(options, 'ServiceCIDR', {
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        lastTransitionTime: now,
        reason: '',
        message: 'Kubernetes default Service CIDR is ready',
      },
    ],
  });
  await ensureAll(options, [apiService(settings)]);
  if (settings.endpointsKept !== true) await putApiEndpoints(options, settings.apiEndpoints);
}

/** A cluster that gets a second family has its range beside the first one. */
async function joinServiceRange(options: BootstrapOptions): Promise<void> {
  const { serviceCidrs } = options.settings;
  const wanted = serviceRange(serviceCidrs);
  const target = targetOf(wanted);
  const cidrs = target === undefined ? undefined : (stored(options, target) as ServiceCIDR | undefined)?.spec?.cidrs;
  if (cidrs?.length === 1 && serviceCidrs.length === 2 && cidrs[0] === serviceCidrs[0])
    await keep(options, wanted, 'spec');
}

/** Makes the Service `kubernetes` lead to these members and no others. Writes nothing when it does already. */
export async function putApiEndpoints(options: Parts, members: readonly ApiEndpoint[]): Promise<void> {
  const { endpoints, slices } = apiEndpoints(members);
  await keep(options, endpoints, 'subsets');
  for (const slice of slices) await keep(options, slice, 'endpoints');
  const wanted = new Set(slices.map(({ metadata }) => textOf((metadata as JsonObject)['name'])));
  for (const name of apiSlices(options)) {
    const target = wanted.has(name)
      ? undefined
      : targetOf({ ...endpointSlice, metadata: { namespace: 'default', name } });
    if (target !== undefined) await options.service.delete(target, {}, context);
  }
}

const endpointSlice = { kind: 'EndpointSlice', apiVersion: 'discovery.k8s.io/v1' };

/** The names of the slices that members made for the Service. */
function apiSlices({ store }: Pick<BootstrapOptions, 'store'>): readonly string[] {
  const any = targetOf({ ...endpointSlice, metadata: { namespace: 'default', name: 'kubernetes' } });
  if (any === undefined) return [];
  return store
    .range({ prefix: keyOf(any.info, any.namespace, any.name) })
    .records.map((record) => record.object<KubeObject>())
    .filter(
      ({ metadata }) =>
        /^kubernetes(-\d+)?$/.test(metadata.name ?? '') && metadata.labels?.[serviceNameLabel] === 'kubernetes',
    )
    .map(({ metadata }) => metadata.name ?? '');
}

function targetOf(object: JsonObject, subresource = ''): Target | undefined {
  const info = infoOfObject(object as KubeObject);
  const { name, namespace } = metadataOf(object);
  return info === undefined
    ? undefined
    : { info, name: textOf(name), namespace: info.namespaced ? textOf(namespace) : undefined, subresource };
}

const stored = ({ store }: Parts, { info, namespace, name }: Target): KubeObject | undefined =>
  store.get(keyOf(info, namespace, name))?.object<KubeObject>();
const bodyOf = (object: JsonObject): { contentType: string; bytes: Uint8Array } => ({
  contentType: 'application/json',
  bytes: encodeJson(object),
});

async function ensureAll(
  options: BootstrapOptions,
  objects: readonly JsonObject[],
  status?: () => JsonObject,
): Promise<void> {
  for (let start = 0; start < objects.length; start += parallelMax) {
    await Promise.all(
      objects.slice(start, start + parallelMax).map(async (object) => {
        if ((await ensure(options, object)) && status !== undefined) await writeStatus(options, object, status());
      }),
    );
  }
}

/** Gives a role or binding of the cluster what this version wants and an older one did not. */
async function extend(options: BootstrapOptions, object: JsonObject): Promise<void> {
  const target = targetOf(object);
  const present = target === undefined ? undefined : stored(options, target);
  const next = present === undefined ? undefined : extended(present, object, rulesTakenBack(object));
  if (target === undefined || next === undefined) return;
  try {
    await options.service.update(target, bodyOf(next as JsonObject), context);
  } catch (error) {
    // Another member, or an administrator, was at it at the same time: the next start looks again.
    if (!(error instanceof StatusError && (error.reason === 'Conflict' || error.reason === 'NotFound'))) throw error;
  }
}

/** True when the object was made just now. Kinds that are not served here are passed over. */
async function ensure(options: Parts, object: JsonObject): Promise<boolean> {
  const target = targetOf(object);
  if (target === undefined || stored(options, target) !== undefined) return false;
  try {
    await options.service.create({ ...target, name: '' }, bodyOf(object), context);
    return true;
  } catch (error) {
    // Another member made it first.
    if (error instanceof StatusError && error.reason === 'AlreadyExists') return false;
    options.log.error('an object of the new cluster could not be made', {
      kind: object['kind'],
      name: target.name,
      error: errorMessage(error),
    });
    // One object that this version refuses must not keep the cluster from starting.
    if (error instanceof StatusError && error.reason === 'Invalid') return false;
    throw error;
  }
}

async function writeStatus(options: BootstrapOptions, object: JsonObject, status: JsonObject): Promise<void> {
  const target = targetOf(object, 'status');
  if (target === undefined || !target.info.subresources.some(({ name }) => name === 'status')) return;
  const body = { contentType: 'application/merge-patch+json', bytes: encodeJson({ status }) };
  await options.service.patch(target, body, { ...context, force: false });
}

async function ensureStatus(options: BootstrapOptions, kind: string, status: JsonObject): Promise<void> {
  const object: JsonObject = { kind, apiVersion: 'networking.k8s.io/v1', metadata: { name: 'kubernetes' } };
  const target = targetOf(object);
  if (target === undefined) return;
  const { conditions } = (stored(options, target)?.status ?? {}) as JsonObject;
  if (!Array.isArray(conditions) || conditions.length === 0) await writeStatus(options, object, status);
}

/** Makes the object, or puts `field` right where it differs. */
async function keep(options: Parts, object: JsonObject, field: string): Promise<void> {
  if (await ensure(options, object)) return;
  const target = targetOf(object);
  const present = target === undefined ? undefined : stored(options, target);
  if (target === undefined || present === undefined) return;
  const wanted = { ...object };
  behaviourOf(target.info).defaults?.(wanted);
  if (semanticEqual(present[field], wanted[field]) && semanticEqual(present['ports'], wanted['ports'])) return;
  const body = bodyOf({
    ...object,
    metadata: { ...(object['metadata'] as JsonObject), resourceVersion: present.metadata.resourceVersion },
  });
  await options.service.update(target, body, context).catch((error: unknown) => {
    // Another member put it right at the same time.
    if (!(error instanceof StatusError && error.reason === 'Conflict')) throw error;
  });
}

/** Makes the ConfigMap, or gives it the entries that it lacks or has otherwise; those of others stay. */
async function keepData(options: BootstrapOptions, object: JsonObject): Promise<void> {
  const target = targetOf(object);
  const present = target === undefined ? undefined : stored(options, target);
  const data = { ...(present?.['data'] as JsonObject | undefined), ...(object['data'] as JsonObject) };
  await keep(options, { ...object, data }, 'data');
}
