/** A cluster that somebody else made: a Troupe home of this machine, or whatever a kubeconfig leads to. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { errorMessage } from '../../base/index.ts';
import { homeAt, savedSettings } from '../../main/index.ts';
import { type Access, ApiClient } from '../clients/api-client.ts';
import { complaintsOfNodes, nodesOf } from './nodes.ts';
import { complaintsOf } from './own-cluster.ts';
import type { Target } from './target.ts';
import { type TroupeCommand, TroupeHome } from './troupe-home.ts';

/** The cluster of a home: its processes are this machine's, so they can be killed and frozen. */
export async function clusterOfHome(folder: string, command: TroupeCommand, image: string): Promise<Target> {
  const home = new TroupeHome(homeAt(resolve(folder)), command);
  const access = home.access();
  if (access.urls.length === 0) throw new Error(`no member of ${folder} runs; start it with \`troupe up\``);
  const api = new ApiClient(access);
  const { version, nodes } = await seen(api);
  const settings = savedSettings(home.home);
  const runtime = settings?.node.runtime ?? 'docker';
  const members = home.members().length;
  const facts = { name: folder, orchestrator: 'troupe', version, members, nodes, runtime };
  const dnsAddress = settings?.network.dnsAddress;
  return {
    facts,
    access,
    home,
    image,
    madeByRun: false,
    network: runtime === 'docker' && dnsAddress !== undefined ? { dnsAddress } : undefined,
    complaints: () => complaintsOf(api, home, { members, nodes }),
    close: () => {
      api.close();
      return Promise.resolve([]);
    },
  };
}

/** Any cluster, by its kubeconfig: only its API is in reach. */
export async function clusterOfKubeconfig(file: string, image: string): Promise<Target> {
  const access = accessOf(file);
  const api = new ApiClient(access);
  const { version, nodes, runtime } = await seen(api);
  const own = await api.call({ path: '/troupe/api/status' });
  const orchestrator = own.type === 'answered' && own.status === 200 ? 'troupe' : 'kubernetes';
  return {
    facts: { name: access.urls[0] ?? file, orchestrator, version, members: 1, nodes, runtime },
    access,
    image,
    madeByRun: false,
    complaints: () =>
      nodesOf(api).then(
        (all) => complaintsOfNodes(all, nodes),
        (error: unknown) => [errorMessage(error)],
      ),
    close: () => {
      api.close();
      return Promise.resolve([]);
    },
  };
}

async function seen(
  api: ApiClient,
): Promise<{ readonly version: string; readonly nodes: number; readonly runtime: string }> {
  const { gitVersion } = await api.must<{ gitVersion: string }>({ path: '/version' });
  const nodes = await nodesOf(api);
  const runtime = nodes[0]?.status?.nodeInfo?.containerRuntimeVersion?.split(':')[0] ?? 'unknown';
  return { version: gitVersion, nodes: nodes.length, runtime };
}

interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly user: string };
  }[];
  readonly clusters?: readonly { readonly name: string; readonly cluster: Readonly<Record<string, string>> }[];
  readonly users?: readonly { readonly name: string; readonly user: Readonly<Record<string, string>> }[];
}

/** Of the current context. Throws for a file that names no server, or a user whose credentials a program makes. */
function accessOf(file: string): Access {
  const config = parse(readFileSync(file, 'utf8')) as Kubeconfig;
  const context = config.contexts?.find(({ name }) => name === config['current-context'])?.context;
  const cluster = config.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users?.find(({ name }) => name === context?.user)?.user ?? {};
  if (cluster?.['server'] === undefined) throw new Error(`${file}: its current context names no server`);
  if (user['exec'] !== undefined) throw new Error(`${file}: its user's credentials come from a program; use a token`);
  const part = (from: Readonly<Record<string, string>>, name: string): string | undefined => {
    const data = from[`${name}-data`];
    if (data !== undefined) return Buffer.from(data, 'base64').toString();
    const path = from[name];
    return path === undefined ? undefined : readFileSync(resolve(dirname(file), path), 'utf8');
  };
  return {
    urls: [cluster['server']],
    ca: part(cluster, 'certificate-authority'),
    certificate: part(user, 'client-certificate'),
    key: part(user, 'client-key'),
    token: user['token'],
  };
}
