/** The path /: which paths there are. */
import { methodNotAllowed } from '../../api/index.ts';
import type { ResourceCatalogue } from '../../resources/index.ts';
import { jsonResponse } from '../request.ts';
import type { PathHandler } from './path-handler.ts';

const others = [
  '/.well-known/openid-configuration',
  '/healthz',
  '/livez',
  '/metrics',
  '/openapi/v2',
  '/openapi/v3',
  '/openid/v1/jwks',
  '/readyz',
  '/troupe/',
  '/version',
];

/** `/`: the paths that there are. */
export function rootPath(catalogue: ResourceCatalogue): PathHandler {
  return ({ info, http }) => {
    if (info.path !== '/' && info.path !== '') return undefined;
    if (http.method !== 'GET' && http.method !== 'HEAD') throw methodNotAllowed();
    const versions = catalogue
      .all()
      .flatMap(({ group, version }) =>
        group === '' ? ['/api', `/api/${version}`] : ['/apis', `/apis/${group}`, `/apis/${group}/${version}`],
      );
    return jsonResponse(200, { paths: [...new Set([...versions, ...others])].sort() });
  };
}
