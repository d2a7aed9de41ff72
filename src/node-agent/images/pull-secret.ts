/** Credentials for a registry, out of a pod's imagePullSecrets. */
import type { Pod } from '../../api/index.ts';
import type { RegistryCredentials } from '../runtime/index.ts';
import type { ConfigReader } from '../volumes/index.ts';

interface DockerConfig {
  readonly auths?: Readonly<Record<string, DockerAuth>> | undefined;
}
interface DockerAuth {
  readonly auth?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly identitytoken?: string | undefined;
}

/** The credentials for a registry out of the pod's imagePullSecrets; undefined when none fits. */
export async function pullCredentials(
  config: ConfigReader,
  pod: Pod,
  registry: string,
): Promise<RegistryCredentials | undefined> {
  for (const { name } of pod.spec.imagePullSecrets ?? []) {
    const data = name === undefined ? undefined : await config.secret(pod.metadata.namespace ?? '', name);
    const modern = data?.['.dockerconfigjson'];
    const legacy = data?.['.dockercfg'];
    const found =
      modern !== undefined
        ? (parse(modern) as DockerConfig).auths
        : legacy !== undefined
          ? (parse(legacy) as DockerConfig['auths'])
          : undefined;
    for (const [server, auth] of Object.entries(found ?? {}))
      if (serverMatches(server, registry)) return credentialsOf(server, auth);
  }
  return undefined;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return {};
  }
}

function serverMatches(server: string, registry: string): boolean {
  const host = server.replace(/^https?:\/\//, '').split('/')[0] ?? '';
  return (
    host === registry || (registry === 'docker.io' && (host === 'index.docker.io' || host === 'registry-1.docker.io'))
  );
}

function credentialsOf(serverAddress: string, auth: DockerAuth): RegistryCredentials {
  const [username, ...rest] =
    auth.auth === undefined
      ? [auth.username ?? '', auth.password ?? '']
      : Buffer.from(auth.auth, 'base64').toString('utf8').split(':');
  return {
    serverAddress,
    username,
    password: rest.join(':'),
    identityToken: auth.identitytoken,
  };
}
