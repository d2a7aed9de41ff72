/** Lists collections, page by page, at a revision. */
import { badRequest, expired, type ResourceInfo, resourceVersionTooLarge } from '../../api/index.ts';
import type { Revision } from '../../base/index.ts';
import { CompactedError, type RangeResult, type Store, StoreError, type StoredRecord } from '../../state/index.ts';
import { type ContinueToken, decodeContinue, encodeContinue } from './continue-token.ts';
import { statusOfFailure } from '../stored/commit.ts';
import { type ConversionPorts, readConverted } from '../conversion/index.ts';
import { collectionPrefix } from '../stored/key.ts';
import { checkListOptions, parseResourceVersion } from './list-options.ts';
import { type Selection, selectionOf, selects } from './selection.ts';
import type { ListRequest, ListResult, Target } from '../service.ts';
import { NotConverted, recordFor } from '../stored/versions.ts';

/**
 * How long a read waits for a revision that this replica has not reached yet (as upstream's watch cache does), in ms.
 */
const freshnessMs = 3_000;
/** Records that are looked at in one go when a selector leaves pages partly empty. */
const stepRecords = 1_000;

const tooOldContinue =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list ' +
  'without the continue parameter, ' +
  'or use the continue token in this response to retrieve the remainder of the results. Continuing with the ' +
  'provided token results in an inconsistent list - ' +
  'objects that were created, modified, or deleted between the time the first chunk was returned and now ' +
  'may show up in the list.';

/**
 * Waits until this replica may answer for `asked`: undefined means the newest state of the cluster, 0 whatever is here.
 */
export async function awaitRevision(store: Store, asked: number | undefined): Promise<void> {
  if (asked === 0 || (asked !== undefined && asked <= store.revision)) return;
  try {
    await (asked === undefined
      ? store.readBarrier()
      : store.waitForRevision(asked as Revision, { deadlineMs: freshnessMs }));
  } catch (error) {
    if (
      asked !== undefined &&
      error instanceof StoreError &&
      (error.code === 'timeout' || error.code === 'not-reached')
    ) {
      throw resourceVersionTooLarge(asked, store.revision);
    }
    throw statusOfFailure(error);
  }
}

interface Page {
  readonly info: ResourceInfo;
  readonly prefix: string;
  readonly selection: Selection;
  /** undefined: as many as there are. */
  readonly limit: number | undefined;
  readonly after: string | undefined;
  /** undefined: the newest. */
  readonly revision: Revision | undefined;
  /** The prefix and a name make a key. */
  readonly direct: boolean;
}

/** GET of a collection. */
export async function listObjects(ports: ConversionPorts, target: Target, options: ListRequest): Promise<ListResult> {
  const { store } = ports;
  const { info } = target;
  checkListOptions(options);
  const selection = selectionOf(info, options);
  const prefix = collectionPrefix(info.storage, info.namespaced ? target.namespace : undefined);
  const asked = parseResourceVersion(options.resourceVersion);
  const limit = options.limit !== undefined && options.limit > 0 ? options.limit : undefined;
  const token = (options.continue ?? '') === '' ? undefined : decodeContinue(options.continue ?? '', prefix);
  if (token !== undefined && (options.resourceVersion ?? '0') !== '0' && options.resourceVersion !== '') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  await awaitRevision(store, token === undefined ? asked : token.revision < 0 ? undefined : token.revision);
  const exact =
    options.resourceVersionMatch === 'Exact' ||
    (options.resourceVersionMatch === undefined && limit !== undefined && asked !== undefined && asked > 0);
  const revision = token === undefined ? (exact ? asked : undefined) : token.revision < 0 ? undefined : token.revision;
  // The watch cache, which answers version 0 upstream, has no pages.
  const paged = token === undefined && asked === 0 ? undefined : limit;
  const direct = token === undefined && (!info.namespaced || (target.namespace ?? '') !== '');
  const page: Page = {
    info,
    prefix,
    selection,
    limit: paged,
    after: token?.after,
    revision: revision as Revision | undefined,
    direct,
  };
  return readConverted(
    ports,
    info,
    () => candidates(store, page, token),
    () => {
      const result = readPage(store, page, token);
      return { ...result, records: result.records.map((record) => recordFor(info, record)) };
    },
  );
}

/** The records that a page will probably show, or look at because of a selector. */
function candidates(store: Store, page: Page, token: ContinueToken | undefined): readonly StoredRecord[] {
  try {
    return rangeOf(
      store,
      page,
      page.after,
      page.selection.all ? page.limit : page.limit === undefined ? undefined : Math.max(page.limit, stepRecords),
    ).records;
  } catch (error) {
    throw pageFailure(store, { page, token, error });
  }
}

function readPage(store: Store, page: Page, token: ContinueToken | undefined): ListResult {
  try {
    if (page.direct && page.selection.name !== undefined && page.revision === undefined)
      return readNamed(store, page, page.selection.name);
    return page.limit === undefined ? readAll(store, page) : readLimited(store, page, page.limit);
  } catch (error) {
    if (error instanceof NotConverted) throw error;
    throw pageFailure(store, { page, token, error });
  }
}

function pageFailure(
  store: Store,
  { page, token, error }: { readonly page: Page; readonly token: ContinueToken | undefined; readonly error: unknown },
): Error {
  if (error instanceof CompactedError) return expiredPage(page, token);
  if (error instanceof StoreError && error.code === 'not-reached')
    return resourceVersionTooLarge(page.revision ?? 0, store.revision);
  return statusOfFailure(error);
}

function expiredPage(page: Page, token: ContinueToken | undefined): Error {
  if (token === undefined) return expired('The resourceVersion for the provided list is too old.');
  return expired(tooOldContinue, encodeContinue({ revision: -1, after: token.after }, page.prefix));
}

/** A list that can hold one object only: its key is known, so the collection is not walked. */
function readNamed(store: Store, page: Page, name: string): ListResult {
  const record = store.get(`${page.prefix}${name}`);
  return {
    records: record !== undefined && selects(page.selection, recordFor(page.info, record).index) ? [record] : [],
    revision: store.revision,
  };
}

const rangeOf = (store: Store, page: Page, after: string | undefined, limit?: number): RangeResult =>
  store.range({
    prefix: page.prefix,
    after,
    limit,
    revision: page.revision,
  });

function readAll(store: Store, page: Page): ListResult {
  const field = page.revision === undefined && page.after === undefined ? page.selection.field : undefined;
  const { records, revision } =
    field === undefined ? rangeOf(store, page, page.after) : store.range({ prefix: page.prefix, field });
  return {
    records: page.selection.all
      ? records
      : records.filter((record) => selects(page.selection, recordFor(page.info, record).index)),
    revision,
  };
}

function readLimited(store: Store, page: Page, limit: number): ListResult {
  const found: StoredRecord[] = [];
  let after = page.after;
  for (;;) {
    const range = rangeOf(store, page, after, page.selection.all ? limit : Math.max(limit, stepRecords));
    const { revision } = range;
    for (const [position, record] of range.records.entries()) {
      if (!page.selection.all && !selects(page.selection, recordFor(page.info, record).index)) continue;
      found.push(record);
      if (found.length < limit) continue;
      const remaining = range.remaining + range.records.length - position - 1;
      if (remaining === 0) return { records: found, revision };
      const token = encodeContinue({ revision, after: record.key }, page.prefix);
      // How many of the rest a selector would show is not known without looking, and upstream does not say either.
      return { records: found, revision, continue: token, ...(page.selection.all ? { remaining } : {}) };
    }
    after = range.records.at(-1)?.key;
    if (range.remaining === 0 || after === undefined) return { records: found, revision };
  }
}
