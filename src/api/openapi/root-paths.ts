/** The paths that are not of a resource: discovery, version, health. */

import type { Operation, PathOperations } from './operation.ts';
import { capital, groupWords, pathOf, rootPath } from './resource-paths.ts';

/** The discovery path of a group version. */
export function resourceListPath(group: string, version: string): PathOperations {
  const words = groupWords(group);
  return discovery(`${rootPath(group, version)}/`, {
    id: `get${capital(words)}${capital(version)}APIResources`,
    tag: `${words}_${version}`,
    answer: 'meta/v1.APIResourceList',
  });
}

/** The discovery path of a group. */
function groupPath(group: string): PathOperations {
  const words = groupWords(group);
  return discovery(`/apis/${group}/`, { id: `get${capital(words)}APIGroup`, tag: words, answer: 'meta/v1.APIGroup' });
}

const json = ['application/json'];

/**
 * The paths that are about no resource: discovery above the group versions, the version of the server, its token
 * issuer.
 */
export function rootPaths(groups: readonly string[]): readonly PathOperations[] {
  return [
    discovery('/api/', { id: 'getCoreAPIVersions', tag: 'core', answer: 'meta/v1.APIVersions' }),
    discovery('/apis/', { id: 'getAPIVersions', tag: 'apis', answer: 'meta/v1.APIGroupList' }),
    ...groups.filter((group) => group !== '').map(groupPath),
    discovery('/version/', {
      id: 'getCodeVersion',
      tag: 'version',
      answer: 'version.Info',
      media: { consumes: json, produces: json },
    }),
    discovery('/openid/v1/jwks/', {
      id: 'getServiceAccountIssuerOpenIDKeyset',
      tag: 'openid',
      answer: 'text',
      media: { consumes: [], produces: ['application/jwk-set+json'] },
    }),
    discovery('/.well-known/openid-configuration/', {
      id: 'getServiceAccountIssuerOpenIDConfiguration',
      tag: 'WellKnown',
      answer: 'text',
      media: { consumes: [], produces: json },
    }),
  ];
}

function discovery(
  path: string,
  about: { readonly id: string; readonly tag: string; readonly answer: string } & Pick<Operation, 'media'>,
): PathOperations {
  const { id, tag, answer, media } = about;
  return pathOf(path, [
    {
      method: 'get',
      action: 'discover',
      id,
      tag,
      query: [],
      answers: { 200: answer },
      media,
    },
  ]);
}
