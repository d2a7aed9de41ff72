/** The parameter `timeout` of a request, as Kubernetes' deadline filter reads it. */
import { badRequest } from '../api/index.ts';
import type { Query } from './query.ts';
import type { RequestInfo } from './request-info.ts';

const lasting: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);
const units: ReadonlySet<string> = new Set(['ns', 'us', 'µs', 'μs', 'ms', 's', 'm', 'h']);

/** Whether the answer may last as long as its client likes. */
export const mayLast = ({ isResource, verb, subresource }: RequestInfo): boolean =>
  isResource && (verb === 'watch' || lasting.has(subresource));

/**
 * Throws 400 for a timeout that is no duration of Go's. Requests that last as long as their client likes have no
 * deadline, so theirs is not read.
 */
export function checkTimeout(info: RequestInfo, query: Query): void {
  const text = query.get('timeout');
  if (text === undefined || text === '') return;
  if (mayLast(info)) return;
  const error = durationError(text);
  if (error !== undefined) throw badRequest(`invalid timeout specified in the request URL - time: ${error}`);
}

/** What Go's time.ParseDuration says is wrong; undefined: nothing. */
function durationError(text: string): string | undefined {
  const quoted = JSON.stringify(text);
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return undefined;
  if (rest === '') return `invalid duration ${quoted}`;
  while (rest !== '') {
    const [amount = '', unit = ''] = /^(?:\d+\.?\d*|\.\d+)([^.\d]*)/.exec(rest) ?? [];
    if (amount === '') return `invalid duration ${quoted}`;
    if (unit === '') return `missing unit in duration ${quoted}`;
    if (!units.has(unit)) return `unknown unit ${JSON.stringify(unit)} in duration ${quoted}`;
    rest = rest.slice(amount.length);
  }
  return undefined;
}
