/** Creates, updates, patches and deletions of resources, all kinds alike. */
import { behaviourOf, type KubeObject, type ResourceInfo } from '../api/index.ts';
import type { ResourceService, WriteContext, WriteResult } from '../resources/index.ts';
import { listResponse, objectResponse, type Presentation, recordResponse } from './answers/encode.ts';
import type { ObjectName } from './audit/index.ts';
import { collectionOptions } from './list-options.ts';
import type { NegotiationRules } from './negotiation.ts';
import type { Presentations } from './presentations.ts';
import type { ApiHttpResponse } from './request.ts';
import { bodyOf, type BodyPorts } from './request-body.ts';
import { annotatorOf, contentTypeOfRequest, type RequestContext } from './request-context.ts';
import type { ResourceRoute } from './resource-route.ts';
import { reviewOf, type ReviewPorts } from './reviews/index.ts';
import { applyPatchType, deleteOptions, patchTypeOf, writeContext } from './write-options.ts';

export interface WritePorts {
  readonly service: ResourceService;
  readonly reviews: ReviewPorts;
  readonly presentations: Presentations;
  readonly bodies: BodyPorts;
}

type Write = (ports: WritePorts, context: RequestContext, route: ResourceRoute) => Promise<ApiHttpResponse>;

const shapes: NegotiationRules = { table: true, partial: true, router: true };

export const create: Write = async (ports, context, route) => {
  const { info, target } = route;
  const review = route.subresource === undefined ? reviewOf(info) : undefined;
  const presentation = ports.presentations.of(context, info, { ...shapes, table: review === undefined });
  const body = await bodyOf(ports.bodies, context);
  const options = writeContext(context, 'CreateOptions');
  if (review !== undefined) {
    const request = { info, namespace: target.namespace, body, user: context.user, options };
    return objectResponse(201, info, await review(ports.reviews, request), presentation);
  }
  context.audit?.creates();
  const result = await ports.service.create(target, body, options);
  context.audit?.made(nameOf(result));
  return written(201, info, result, presentation);
};

export const update: Write = async (ports, context, { info, target }) => {
  const presentation = ports.presentations.of(context, info, shapes);
  const options = writeContext(context, 'UpdateOptions');
  const result = await ports.service.update(target, await bodyOf(ports.bodies, context), options);
  return written(result.created ? 201 : 200, info, result, presentation);
};

export const patch: Write = async (ports, context, { info, target }) => {
  const type = patchTypeOf(contentTypeOfRequest(context.http));
  const presentation = ports.presentations.of(context, info, shapes);
  const options = writeContext(context, 'PatchOptions', type === applyPatchType);
  const body = await bodyOf(ports.bodies, context);
  const result = await ports.service.patch(target, { ...body, contentType: type }, options);
  return written(result.created ? 201 : 200, info, result, presentation);
};

export const remove: Write = async (ports, context, { info, target }) => {
  const presentation = ports.presentations.of(context, info, shapes);
  const { options, dryRun } = deleteOptions(context.query, await bodyOf(ports.bodies, context));
  const result = await ports.service.delete(target, options, deletionContext(context, dryRun));
  if (result.type !== 'deleting' && behaviourOf(info).deletionAnswersObject !== true)
    return objectResponse(200, info, deletedStatus(info, result.object), presentation);
  return result.record === undefined
    ? objectResponse(200, info, result.object, presentation)
    : recordResponse(200, info, result.record, presentation);
};

export const removeCollection: Write = async (ports, context, { info, target }) => {
  const presentation = ports.presentations.of(context, info, shapes);
  const { options, dryRun } = deleteOptions(context.query, await bodyOf(ports.bodies, context));
  const selected = collectionOptions(context.query).options;
  const list = await ports.service.deleteCollection(target, selected, options, deletionContext(context, dryRun));
  return listResponse(info, list, presentation);
};

function deletionContext(context: RequestContext, dryRun: boolean): WriteContext {
  const { user, warn } = context;
  return { user, warn, dryRun, fieldManager: '', fieldValidation: 'Ignore', annotate: annotatorOf(context) };
}

function deletedStatus({ group, resource }: ResourceInfo, { metadata }: KubeObject): KubeObject {
  const details = { name: metadata.name ?? '', group: group === '' ? undefined : group, kind: resource };
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { ...details, uid: metadata.uid },
  };
}

/** What a write named its object; a stored one need not be parsed for it. */
function nameOf(result: WriteResult): ObjectName {
  if (result.record === undefined) return result.object.metadata;
  const { 'metadata.name': name, 'metadata.namespace': namespace } = result.record.index.fields;
  return { name, namespace };
}

function written(status: number, info: ResourceInfo, result: WriteResult, presentation: Presentation): ApiHttpResponse {
  return result.record === undefined
    ? objectResponse(status, info, result.object, presentation)
    : recordResponse(status, info, result.record, presentation);
}
