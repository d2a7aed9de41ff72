/** The query parameters of lists, watches and deletions of collections. */
import { badRequest } from '../api/index.ts';
import type { WatchOptions } from '../resources/index.ts';
import type { Query } from './query.ts';
import { pinnedName } from './request-info.ts';

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
  const options: WatchOptions = {
    labelSelector: filled(query, 'labelSelector'),
    fieldSelector: filled(query, 'fieldSelector'),
    limit: limit === 0 ? undefined : limit,
    continue: filled(query, 'continue'),
    resourceVersion: filled(query, 'resourceVersion'),
    resourceVersionMatch: filled(query, 'resourceVersionMatch'),
    allowWatchBookmarks: query.flag('allowWatchBookmarks') ? true : undefined,
    sendInitialEvents: query.get('sendInitialEvents') === undefined ? undefined : query.flag('sendInitialEvents'),
  };
  return { options, watch: query.flag('watch'), timeoutSeconds: integer(query.get('timeoutSeconds')) };
}

/** The options of a watch by the old path, which may name the object: it watches that one alone. */
export function watchOfNamed(options: WatchOptions, name: string): WatchOptions {
  if (name === '') return options;
  if (options.fieldSelector === undefined) return { ...options, fieldSelector: `metadata.name=${name}` };
  if (pinnedName(options.fieldSelector) === name) return options;
  throw badRequest("fieldSelector metadata.name doesn't match requested name");
}

/** The parameter's text; undefined when absent or empty. */
function filled(query: Query, name: string): string | undefined {
  const value = query.get(name);
  return value === '' ? undefined : value;
}

/** A whole number of a parameter; undefined when absent or empty. Throws the 400 of Kubernetes' conversion. */
export function integer(value: string | undefined): number | undefined {
  if (value === undefined || value === '') return undefined;
  if (!/^[+-]?\d+$/.test(value)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  return Number(value);
}
