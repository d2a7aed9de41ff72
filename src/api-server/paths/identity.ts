/** The token issuer's own documents: its configuration and its keys. */
import type { SigningKeys } from '../auth/index.ts';
import type { ApiHttpResponse } from '../request.ts';
import { documentOf, documentResponse } from './cached-document.ts';
import type { PathHandler } from './path-handler.ts';
import type { RequestContext } from '../request-context.ts';

/**
 * Discovery of the token issuer for other systems (OpenID Connect Discovery 1.0): /.well-known/openid-configuration and
 * /openid/v1/jwks.
 */
export function identityPaths(options: {
  readonly keys: SigningKeys;
  readonly issuer: string;
  readonly url: () => string;
}): PathHandler {
  return (context) => {
    if (context.info.path === '/.well-known/openid-configuration') {
      return documentResponse(context, documentOf(JSON.stringify(configurationOf(options))), {
        'cache-control': 'public, max-age=3600',
      });
    }
    return context.info.path === '/openid/v1/jwks' ? keySet(context, options.keys) : undefined;
  };
}

function configurationOf({
  keys,
  issuer,
  url,
}: {
  readonly keys: SigningKeys;
  readonly issuer: string;
  readonly url: () => string;
}): object {
  return {
    issuer,
    jwks_uri: `${url()}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set([...keys.verification.values()].map((key) => key.algorithm))],
  };
}

async function keySet(context: RequestContext, keys: SigningKeys): Promise<ApiHttpResponse> {
  const document = documentOf(JSON.stringify(await keys.jwks()), 'application/jwk-set+json');
  return documentResponse(context, document, { 'cache-control': 'public, max-age=3600' });
}
