/** Reads ConfigMaps and Secrets for pods. */
import { resources, StatusError } from '../../api/index.ts';
import type { ResourceClient } from '../../resources/index.ts';

/** A ConfigMap or Secret as bytes by key. */
export type ConfigData = Readonly<Record<string, Uint8Array>>;

/** Reads ConfigMaps and Secrets as they are now. Calls for one object at one time share a request. */
export interface ConfigReader {
  /** Undefined when it does not exist. Other failures are StatusErrors. */
  configMap(namespace: string, name: string): Promise<ConfigData | undefined>;
  /** Without what is in its binaryData, which is no text: what variables are made of. */
  configMapTexts(namespace: string, name: string): Promise<ConfigData | undefined>;
  secret(namespace: string, name: string): Promise<ConfigData | undefined>;
}

interface ConfigObject {
  readonly data?: Readonly<Record<string, string>> | undefined;
  readonly binaryData?: Readonly<Record<string, string>> | undefined;
}

interface Content {
  readonly texts: ConfigData;
  readonly binaries: ConfigData;
}

export function configReader(client: Pick<ResourceClient, 'get'>): ConfigReader {
  const running = new Map<string, Promise<Content | undefined>>();
  const read = (kind: 'configMaps' | 'secrets', namespace: string, name: string): Promise<Content | undefined> => {
    const key = `${kind}/${namespace}/${name}`;
    const shared = running.get(key);
    if (shared !== undefined) return shared;
    const request = fetchContent(client, kind, { namespace, name }).finally(() => running.delete(key));
    running.set(key, request);
    return request;
  };
  const all = (content: Content | undefined): ConfigData | undefined =>
    content === undefined ? undefined : { ...content.texts, ...content.binaries };
  return {
    configMap: async (namespace, name) => all(await read('configMaps', namespace, name)),
    configMapTexts: async (namespace, name) => (await read('configMaps', namespace, name))?.texts,
    secret: async (namespace, name) => all(await read('secrets', namespace, name)),
  };
}

async function fetchContent(
  client: Pick<ResourceClient, 'get'>,
  kind: 'configMaps' | 'secrets',
  ref: { readonly namespace: string; readonly name: string },
): Promise<Content | undefined> {
  let object: ConfigObject;
  try {
    object = await client.get<ConfigObject>({ ...resources[kind], ...ref });
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return undefined;
    throw error;
  }
  return {
    texts: bytesOf(object.data, kind === 'secrets' ? 'base64' : 'utf8'),
    binaries: bytesOf(object.binaryData, 'base64'),
  };
}

function bytesOf(texts: Readonly<Record<string, string>> = {}, encoding: 'base64' | 'utf8'): ConfigData {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text, encoding)]));
}
