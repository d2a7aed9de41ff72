/** The bound on what a request's path may ask to be read, before anything of it is. */
import { limits } from '../base/index.ts';
import type { ApiHttpRequest } from './request.ts';

/**
 * Why a path is refused; undefined: it may be read. Anyone may send a head of a megabyte; a path that is cut into
 * hundreds of thousands of parts would hold the member for as long as it takes to read them. Queries have a bound of
 * their own (query.ts).
 */
export function pathProblem({ path }: Pick<ApiHttpRequest, 'path'>): string | undefined {
  const { pathSlashesMax } = limits;
  let found = 0;
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    found += 1;
    if (found > pathSlashesMax) return `the path has more than ${pathSlashesMax} parts`;
  }
  return undefined;
}
