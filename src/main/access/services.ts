/** Authentication and authorization by other services: OpenID Connect and webhooks. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  accessWebhook,
  type AuthenticationPlugIn,
  type AuthorizationPlugIn,
  getJson,
  oidcTokens,
  parseEndpointConfig,
  remoteEndpoint,
  tokenWebhook,
} from '../../api-server/index.ts';
import { errorMessage } from '../../base/index.ts';
import type { ModulePorts } from './modules.ts';
import { type Settings, StartProblem } from '../process/index.ts';

const getMs = 10_000;
/** Without signatures by a shared secret (HS…): the provider's public keys are not secret. */
const algorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512'];

/** The OpenID Connect provider of the settings, if there is one. */
export function oidcOf(
  settings: Settings['authentication']['oidc'],
  { clock, folder }: ModulePorts,
): readonly AuthenticationPlugIn[] {
  if (settings.issuerUrl === '') return [];
  const refuse = (name: string, what: string): never => {
    throw new StartProblem(`authentication.oidc.${name}: ${what}`);
  };
  if (!URL.canParse(settings.issuerUrl) || !settings.issuerUrl.startsWith('https://'))
    refuse('issuerUrl', `${JSON.stringify(settings.issuerUrl)} is not a URL that begins with https://`);
  if (settings.audiences.length === 0) refuse('audiences', 'expected the client id of the tokens');
  if (settings.usernameClaim === '') refuse('usernameClaim', 'expected a claim such as sub or email');
  const unknown = settings.signingAlgorithms.find((name) => !algorithms.includes(name));
  if (unknown !== undefined || settings.signingAlgorithms.length === 0)
    refuse('signingAlgorithms', `expected some of ${algorithms.join(', ')}, not ${JSON.stringify(unknown ?? [])}`);
  const requiredClaims = new Map(
    settings.requiredClaims.map((text): [string, string] => {
      const at = text.indexOf('=');
      return at < 1
        ? refuse('requiredClaims', `${JSON.stringify(text)} is not claim=value`)
        : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
  const ca = settings.caFile === '' ? undefined : pemOf('authentication.oidc.caFile', resolve(folder, settings.caFile));
  const get = (url: string): Promise<unknown> => getJson(url, { timeoutMs: getMs, ca });
  return [oidcTokens({ ...settings, requiredClaims, get, clock })];
}

export function tokenWebhookOf(
  { file, cacheMs, timeoutMs }: Settings['authentication']['webhook'],
  { clock, folder }: ModulePorts,
): readonly AuthenticationPlugIn[] {
  if (file === '') return [];
  return [tokenWebhook({ ...serviceOf('authentication.webhook', resolve(folder, file), timeoutMs), clock, cacheMs })];
}

export function accessWebhookOf(
  settings: Settings['authorization']['webhook'],
  { clock, folder }: ModulePorts,
): readonly AuthorizationPlugIn[] {
  const { file, allowedMs, deniedMs, timeoutMs, failurePolicy } = settings;
  if (file === '') return [];
  if (failurePolicy !== 'NoOpinion' && failurePolicy !== 'Deny')
    throw new StartProblem(
      `authorization.webhook.failurePolicy: expected NoOpinion or Deny, not ${JSON.stringify(failurePolicy)}`,
    );
  return [
    accessWebhook({
      ...serviceOf('authorization.webhook', resolve(folder, file), timeoutMs),
      clock,
      allowedMs,
      deniedMs,
      failurePolicy,
    }),
  ];
}

function serviceOf(
  setting: string,
  file: string,
  timeoutMs: number,
): Pick<Parameters<typeof accessWebhook>[0], 'post' | 'close'> {
  if (!(timeoutMs > 0)) throw new StartProblem(`${setting}.timeoutMs: expected more than 0, not ${String(timeoutMs)}`);
  try {
    const endpoint = remoteEndpoint(parseEndpointConfig(file), { timeoutMs, userAgent: 'troupe' });
    return {
      post: (body) => endpoint.post(body),
      close: () => {
        endpoint.close();
      },
    };
  } catch (error) {
    throw new StartProblem(`${setting}.file: ${errorMessage(error)}`);
  }
}

/** The certificates of a file, parsed so that a bad one stops the start, not a handshake. */
export function pemOf(setting: string, file: string): string {
  try {
    const pem = readFileSync(file, 'utf8');
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    throw new StartProblem(`${setting}: cannot read a PEM certificate from ${file} (${errorMessage(error)})`);
  }
}
