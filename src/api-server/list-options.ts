/** The query parameters of lists, watches and deletions of collections. */
import { badRequest } from '../api/index.ts';
import type { WatchOptions } from '../resources/index.ts';
import type { Query } from './query.ts';

/**
 * Query parameters of a list, a watch or the deletion of a collection. Which of them go together is checked by the
 * service.
 */
interface CollectionOptions {
  readonly options: WatchOptions;
  readonly watch: boolean;
  /** How long a watch lasts; undefined: the server's choice. */
  readonly timeoutSeconds: number | undefined;
}

export function collectionOptions(query: Query): CollectionOptions {
  const limit = integer(query.get('limit'));
  const timeoutSeconds = integer(query.get('timeoutSeconds'));
  const options: WatchOptions = {
    ...text(query, 'labelSelector'),
    ...text(query, 'fieldSelector'),
    ...(limit === undefined || limit === 0 ? {} : { limit }),
    ...text(query, 'continue'),
    ...text(query, 'resourceVersion'),
    ...text(query, 'resourceVersionMatch'),
    ...(query.flag('allowWatchBookmarks') ? { allowWatchBookmarks: true } : {}),
    ...(query.get('sendInitialEvents') === undefined ? {} : { sendInitialEvents: query.flag('sendInitialEvents') }),
  };
  return { options, watch: query.flag('watch'), timeoutSeconds };
}

function text<Name extends 'labelSelector' | 'fieldSelector' | 'continue' | 'resourceVersion' | 'resourceVersionMatch'>(
  query: Query,
  name: Name,
): Partial<Record<Name, string>> {
  const value = query.get(name);
  return value === undefined || value === '' ? {} : ({ [name]: value } as Record<Name, string>);
}

/** A whole number of a parameter; undefined when absent or empty. Throws the 400 of upstream's conversion. */
export function integer(value: string | undefined): number | undefined {
  if (value === undefined || value === '') return undefined;
  if (!/^[+-]?\d+$/.test(value)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  return Number(value);
}
