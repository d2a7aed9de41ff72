/** APIServices in the local view. */
import { type KubeObject, resources } from '../../api/index.ts';
import type { ResourceView } from '../../resources/index.ts';

interface ServiceStatus {
  readonly conditions?: readonly { readonly type: string; readonly status: string }[] | undefined;
}

interface ServiceReference {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly port?: number | undefined;
}

/** An APIService; with a `service` its API is another server's. */
export interface ApiService extends KubeObject {
  readonly spec?: {
    readonly group?: string | undefined;
    readonly version?: string | undefined;
    readonly groupPriorityMinimum?: number | undefined;
    readonly versionPriority?: number | undefined;
    readonly service?: ServiceReference | undefined;
    readonly caBundle?: string | undefined;
    readonly insecureSkipTLSVerify?: boolean | undefined;
  };
  readonly status?: ServiceStatus | undefined;
}

const { apiServices } = resources;

export function apiServiceOf(view: ResourceView, group: string, version: string): ApiService | undefined {
  return view.get<ApiService>(apiServices, undefined, `${version}.${group}`);
}

export function allApiServices(view: ResourceView): readonly ApiService[] {
  return view.list<ApiService>(apiServices);
}

export function isAvailable({ status }: Pick<ApiService, 'status'>): boolean {
  return (status?.conditions ?? []).some((condition) => condition.type === 'Available' && condition.status === 'True');
}
