/** Reads where a service outside is, from a file in kubeconfig form. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isObject } from '../../base/index.ts';
import { parseYaml } from '../../api/index.ts';

/** Where a service is and how it and we know each other. PEM texts. */
export interface EndpointConfig {
  readonly url: string;
  readonly ca?: string | undefined;
  readonly insecure?: boolean | undefined;
  readonly serverName?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly token?: string | undefined;
}

type Tree = Readonly<Record<string, unknown>>;

/** Reads the current context of a file in kubeconfig form. Throws an Error that names file and field. */
export function parseEndpointConfig(file: string): EndpointConfig {
  const refuse = (what: string): never => {
    throw new Error(`${file}: ${what}; the file must be a kubeconfig with one cluster and, if needed, one user`);
  };
  const config = treeOf(parseYaml(readFileSync(file, 'utf8')).value) ?? refuse('it is not an object');
  const contexts = namedIn(config['contexts'], 'context');
  const context = contexts.get(text(config['current-context']) ?? '') ?? [...contexts.values()][0] ?? {};
  const clusters = namedIn(config['clusters'], 'cluster');
  const cluster =
    clusters.get(text(context['cluster']) ?? '') ?? [...clusters.values()][0] ?? refuse('clusters is empty');
  const user =
    namedIn(config['users'], 'user').get(text(context['user']) ?? '') ??
    [...namedIn(config['users'], 'user').values()][0] ??
    {};
  const url = text(cluster['server']) ?? refuse('the cluster has no server');
  if (!URL.canParse(url)) refuse(`the server ${JSON.stringify(url)} is not a URL`);
  const pem = (from: Tree, name: string): string | undefined =>
    pemOf(file, text(from[`${name}-data`]), text(from[name]));
  const found = {
    ca: pem(cluster, 'certificate-authority'),
    serverName: text(cluster['tls-server-name']),
    certificate: pem(user, 'client-certificate'),
    key: pem(user, 'client-key'),
    token: text(user['token']) ?? fileText(file, text(user['tokenFile'])),
  };
  const given = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
  return { url, ...given, ...(cluster['insecure-skip-tls-verify'] === true ? { insecure: true } : {}) };
}

function namedIn(list: unknown, field: string): ReadonlyMap<string, Tree> {
  if (!Array.isArray(list)) return new Map();
  return new Map(
    list.map((entry: unknown) => [text(treeOf(entry)?.['name']) ?? '', treeOf(treeOf(entry)?.[field]) ?? {}]),
  );
}

function pemOf(file: string, data: string | undefined, path: string | undefined): string | undefined {
  return data === undefined ? fileText(file, path) : Buffer.from(data, 'base64').toString();
}

function fileText(beside: string, path: string | undefined): string | undefined {
  return path === undefined ? undefined : readFileSync(resolve(dirname(beside), path), 'utf8').trim();
}

function treeOf(value: unknown): Tree | undefined {
  return isObject(value) ? value : undefined;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
