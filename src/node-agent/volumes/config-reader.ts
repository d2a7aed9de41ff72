import { StatusError } from '../../api/index.ts';
import type { ResourceClient } from '../../resources/index.ts';
import { resources } from '../kube/index.ts';

/** A ConfigMap or Secret as bytes by key. */
export type ConfigData = Readonly<Record<string, Uint8Array>>;

/** Reads ConfigMaps and Secrets as they are now. Calls for one object at one time share a request. */
export interface ConfigReader {
  /** Undefined when it does not exist. Other failures are StatusErrors. */
  configMap(namespace: string, name: string): Promise<ConfigData | undefined>;
  secret(namespace: string, name: string): Promise<ConfigData | undefined>;
}

interface ConfigObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

export function configReader(client: Pick<ResourceClient, 'get'>): ConfigReader {
  const running = new Map<string, Promise<ConfigData | undefined>>();
  const read = (kind: 'configMaps' | 'secrets', namespace: string, name: string): Promise<ConfigData | undefined> => {
    const key = `${kind}/${namespace}/${name}`;
    const shared = running.get(key);
    if (shared !== undefined) return shared;
    const request = fetchData(client, kind, { namespace, name }).finally(() => running.delete(key));
    running.set(key, request);
    return request;
  };
  return {
    configMap: (namespace, name) => read('configMaps', namespace, name),
    secret: (namespace, name) => read('secrets', namespace, name),
  };
}

async function fetchData(client: Pick<ResourceClient, 'get'>, kind: 'configMaps' | 'secrets', ref: { readonly namespace: string; readonly name: string }): Promise<ConfigData | undefined> {
  let object: ConfigObject;
  try {
    object = await client.get<ConfigObject>({ ...resources[kind], ...ref });
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return undefined;
    throw error;
  }
  const data: Record<string, Uint8Array> = {};
  for (const [key, text] of Object.entries(object.data ?? {})) data[key] = kind === 'secrets' ? Buffer.from(text, 'base64') : Buffer.from(text, 'utf8');
  for (const [key, text] of Object.entries(object.binaryData ?? {})) data[key] = Buffer.from(text, 'base64');
  return data;
}
