/** The request that admission plug-ins look at. */
import type { JsonObject, KubeObject, ResourceInfo } from '../../api/index.ts';
import type { WriteContext } from '../service.ts';

type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/**
 * What of a write's context admission sees: who asks, whether it is a dry run, and where warnings and facts for the
 * audit trail go.
 */
type AdmissionContext = Pick<WriteContext, 'user' | 'dryRun' | 'warn' | 'annotate'>;

export function admissionContext({ user, dryRun, warn, annotate }: AdmissionContext): AdmissionContext {
  return { user, dryRun, warn, annotate };
}

/** One write as admission sees it (admission.k8s.io AdmissionRequest). */
export interface AdmissionRequest extends AdmissionContext {
  readonly operation: AdmissionOperation;
  readonly info: ResourceInfo;
  /** '' for the object itself. */
  readonly subresource: string;
  /** undefined for cluster-scoped kinds. */
  readonly namespace: string | undefined;
  /** '' for a create without a name, or for a collection. */
  readonly name: string;
  /** The new object in the version of the request; a mutating plug-in changes it in place. Absent for deletes. */
  readonly object: JsonObject | undefined;
  /** The stored object before an update or delete, in the version of the request; frozen. */
  readonly old: KubeObject | undefined;
  /** The options object of the request, as admission webhooks see it. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** Whether the write is about this resource itself. */
export function isAbout(request: AdmissionRequest, group: string, resource: string, subresource = ''): boolean {
  return request.info.group === group && request.info.resource === resource && request.subresource === subresource;
}

/** Whether a pod is being made. */
export function isPodCreation(request: AdmissionRequest): boolean {
  return request.operation === 'CREATE' && isAbout(request, '', 'pods');
}
