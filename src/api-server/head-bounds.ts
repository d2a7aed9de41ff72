/** The bound on what a request's path may ask to be read, before anything of it is. */
import { limits } from '../base/index.ts';
import type { ApiHttpRequest } from './request.ts';

/**
 * Why a path is refused; undefined: it may be read. Anyone may send a head of a megabyte; a path that is cut into
 * hundreds of thousands of parts would hold the member for as long as it takes to read them. Queries have a bound of
 * their own (query.ts).
 */
export function pathProblem({ path }: Pick<ApiHttpRequest, 'path'>): string | undefined {
  const { pathBytesMax } = limits;
  return path.length > pathBytesMax ? `the path has more than ${pathBytesMax} bytes` : undefined;
}
