import type { KubeObject } from '../../api/index.ts';
import type { ResourceView } from '../../resources/index.ts';

/** An APIService of another server. */
export interface ApiService extends KubeObject {
  readonly spec?: {
    readonly group?: string;
    readonly version?: string;
    readonly groupPriorityMinimum?: number;
    readonly versionPriority?: number;
    readonly service?: { readonly namespace?: string; readonly name?: string; readonly port?: number };
    readonly caBundle?: string;
    readonly insecureSkipTLSVerify?: boolean;
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const apiServices = { group: 'apiregistration.k8s.io', resource: 'apiservices' };

/** The APIService of a group's version, if another server serves that. */
export function foreignApi(view: ResourceView, group: string, version: string): ApiService | undefined {
  const found = view.get<ApiService>(apiServices, undefined, `${version}.${group}`);
  return found?.spec?.service === undefined ? undefined : found;
}

export function foreignApis(view: ResourceView): readonly ApiService[] {
  return view.list<ApiService>(apiServices).filter(({ spec }) => spec?.service !== undefined);
}

export function isAvailable({ status }: Pick<ApiService, 'status'>): boolean {
  return (status?.conditions ?? []).some((condition) => condition.type === 'Available' && condition.status === 'True');
}
