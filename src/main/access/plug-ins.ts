/** Authentication and authorization beside the cluster's own, as the settings say. */
import { resolve } from 'node:path';
import type {
  AuthenticationPlugIn,
  AuthorizationPlugIn,
  AuthorizationStep,
  FrontProxy,
} from '../../api-server/index.ts';
import { accessWebhookOf, oidcOf, pemOf, tokenWebhookOf } from './services.ts';
import { authenticationModules, authorizationModules, type ModulePorts } from './modules.ts';
import { type Settings, StartProblem } from '../process/index.ts';

export interface AccessPlugIns {
  readonly authentication: {
    readonly plugIns: readonly AuthenticationPlugIn[];
    readonly frontProxy?: FrontProxy | undefined;
    /** Paths that may be asked for without credentials; absent: any. */
    readonly anonymousPaths?: readonly string[] | undefined;
  };
  /** PEM of the authority of front proxies. */
  readonly frontProxyCa?: string | undefined;
  /** The authorizers, in the order in which they are asked. */
  readonly order: readonly AuthorizationStep[];
}

/** Reads files and loads modules. Throws StartProblem, which names the setting, for what cannot be used. */
export async function accessPlugIns(
  settings: Pick<Settings, 'authentication' | 'authorization'>,
  ports: ModulePorts,
): Promise<AccessPlugIns> {
  const { authentication, authorization } = settings;
  const frontProxy = frontProxyOf(authentication.frontProxy, ports.folder);
  return {
    authentication: {
      plugIns: [
        ...oidcOf(authentication.oidc, ports),
        ...tokenWebhookOf(authentication.webhook, ports),
        ...(await authenticationModules(authentication.modules, ports)),
      ],
      ...(frontProxy === undefined ? {} : { frontProxy: frontProxy.names }),
      ...anonymousPathsOf(authentication.anonymous),
    },
    ...(frontProxy === undefined ? {} : { frontProxyCa: frontProxy.ca }),
    order: orderOf(authorization.order, {
      Webhook: accessWebhookOf(authorization.webhook, ports),
      Modules: await authorizationModules(authorization.modules, ports),
    }),
  };
}

function anonymousPathsOf(settings: Settings['authentication']['anonymous']): {
  readonly anonymousPaths?: readonly string[];
} {
  const { enabled, paths } = settings ?? { enabled: true, paths: [] };
  const odd = paths.find((path) => !/^\/[^*]*\*?$/.test(path));
  if (odd !== undefined)
    throw new StartProblem(
      `authentication.anonymous.paths: ${JSON.stringify(odd)} is not a path such as /livez or /troupe/*`,
    );
  if (!enabled) return { anonymousPaths: [] };
  return paths.length === 0 ? {} : { anonymousPaths: paths };
}

function frontProxyOf(
  settings: Settings['authentication']['frontProxy'],
  folder: string,
): { readonly names: FrontProxy; readonly ca: string } | undefined {
  const { caFile, allowedNames } = settings;
  if (caFile === '') return undefined;
  const lower = (names: readonly string[]): readonly string[] => names.map((name) => name.toLowerCase());
  if (settings.usernameHeaders.length === 0)
    throw new StartProblem('authentication.frontProxy.usernameHeaders: expected a header that names the user');
  const names = {
    allowedNames,
    usernameHeaders: lower(settings.usernameHeaders),
    groupHeaders: lower(settings.groupHeaders),
    extraHeaderPrefixes: lower(settings.extraHeaderPrefixes),
  };
  return { names, ca: pemOf('authentication.frontProxy.caFile', resolve(folder, caFile)) };
}

function orderOf(
  names: readonly string[],
  plugIns: { readonly Webhook: readonly AuthorizationPlugIn[]; readonly Modules: readonly AuthorizationPlugIn[] },
): readonly AuthorizationStep[] {
  const refuse = (what: string): never => {
    throw new StartProblem(
      `authorization.order: ${what}; expected a list of Node, RBAC, Webhook and Modules, each at most once`,
    );
  };
  if (names.length === 0 || new Set(names).size < names.length) refuse('the list is empty or names one twice');
  for (const name of ['Webhook', 'Modules'] as const)
    if (plugIns[name].length > 0 && !names.includes(name)) refuse(`${name} is configured but missing`);
  return names.flatMap((name): readonly AuthorizationStep[] => {
    if (name === 'Node' || name === 'RBAC') return [name];
    return name === 'Webhook' || name === 'Modules' ? plugIns[name] : refuse(`${JSON.stringify(name)} is unknown`);
  });
}
