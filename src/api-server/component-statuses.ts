/** componentstatuses: the health of a cluster's parts at the moment they are asked for. Nothing of it is stored. */
import { type KubeObject, methodNotSupported, notFound, resources } from '../api/index.ts';
import { errorMessage } from '../base/index.ts';
import { objectResponse, objectsResponse } from './answers/encode.ts';
import type { HealthCheck } from './paths/index.ts';
import type { Presentations } from './presentations.ts';
import type { ApiHttpResponse } from './request.ts';
import type { RequestContext } from './request-context.ts';
import type { ResourceRoute } from './resource-route.ts';

interface ComponentPorts {
  readonly presentations: Presentations;
  readonly components: readonly HealthCheck[];
}

export const isComponents = ({ info }: ResourceRoute): boolean =>
  info.group === '' && info.resource === resources.componentStatuses.resource;

/** Gets one or lists all: nothing else can be done with them. */
export async function componentsResponse(
  { presentations, components }: ComponentPorts,
  context: RequestContext,
  { info }: ResourceRoute,
): Promise<ApiHttpResponse> {
  const { verb, name } = context.info;
  if (verb !== 'get' && verb !== 'list') throw methodNotSupported(resources.componentStatuses, verb);
  const presentation = presentations.of(context, info, { table: true, partial: true, router: true });
  if (verb === 'list') {
    const objects = await Promise.all(components.map(statusOf));
    return objectsResponse(info, { metadata: {}, objects }, presentation);
  }
  const component = components.find((known) => known.name === name);
  if (component === undefined) throw notFound(resources.componentStatuses, name);
  return objectResponse(200, info, await statusOf(component), presentation);
}

async function statusOf({ name, check }: HealthCheck): Promise<KubeObject> {
  const head = { kind: 'ComponentStatus', apiVersion: 'v1', metadata: { name, creationTimestamp: null } };
  const [status, message] = await Promise.resolve()
    .then(check)
    .then(
      () => ['True', 'ok'],
      (error: unknown) => ['False', errorMessage(error)],
    );
  return { ...head, conditions: [{ type: 'Healthy', status, message }] } as unknown as KubeObject;
}
