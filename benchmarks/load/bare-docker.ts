/** The two containers of a pod by bare calls of Docker. */
import { Agent, request } from 'node:http';
import { type BareEngine, graceSeconds } from './bare-pods.ts';

interface Template {
  readonly sandbox: CreateBody;
  readonly container: CreateBody;
}

interface CreateBody {
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

const socketPath = '/var/run/docker.sock';
const shimGroup = 'io.containerd.runc.v2.group';

/** What is made is what Docker says of a pod that runs, but for its names and labels. */
export async function bareDocker(cluster: string, pod: string): Promise<BareEngine> {
  const agent = new Agent({ keepAlive: true });
  const ask = <T>(method: string, path: string, body?: object): Promise<T> => call(agent, method, path, body);
  const bodyOf = async (role: string): Promise<CreateBody> => {
    const filters = JSON.stringify({
      label: [`troupe.cluster=${cluster}`, `troupe.pod.name=${pod}`, `troupe.role=${role}`],
    });
    const [found] = await ask<{ Id: string }[]>('GET', `/containers/json?filters=${encodeURIComponent(filters)}`);
    if (found === undefined) throw new Error(`pod ${pod} has no ${role} at the engine`);
    const { Config, HostConfig } = await ask<{
      Config: Record<string, unknown>;
      HostConfig: Record<string, unknown>;
    }>('GET', `/containers/${found.Id}/json`);
    return { ...Config, Labels: {}, HostConfig };
  };
  const { Hostname: _taken, Domainname: _too, ...container } = await bodyOf('container');
  const template: Template = { sandbox: await bodyOf('sandbox'), container: container as CreateBody };
  return {
    name: 'Docker',
    start: async (name) => {
      const create = async (part: string, body: CreateBody, host: object): Promise<string> => {
        const HostConfig = { ...body.HostConfig, ...host, Annotations: { [shimGroup]: name } };
        const path = `/containers/create?name=${name}-${part}`;
        return (await ask<{ Id: string }>('POST', path, { ...body, HostConfig })).Id;
      };
      const sandbox = await create('sandbox', template.sandbox, {});
      const joining = `container:${sandbox}`;
      const created = create('container', template.container, { NetworkMode: joining, IpcMode: joining });
      await ask('POST', `/containers/${sandbox}/start`);
      const id = await created;
      await ask('POST', `/containers/${id}/start`);
      return { sandbox, container: id };
    },
    stop: async (pair) => {
      await ask('POST', `/containers/${pair.container}/stop?t=${graceSeconds}`);
      for (const id of [pair.container, pair.sandbox]) await ask('DELETE', `/containers/${id}?force=true&v=true`);
    },
    close: () => {
      agent.destroy();
    },
  };
}

function call<T>(agent: Agent, method: string, path: string, body?: object): Promise<T> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { socketPath, agent, method, path, headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => {
          if ((response.statusCode ?? 500) >= 400) reject(new Error(`${method} ${path}: ${text}`));
          else resolve((text === '' ? undefined : JSON.parse(text)) as T);
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
