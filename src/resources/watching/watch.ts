/** Watches of a collection. */
import { expired } from '../../api/index.ts';
import type { Revision } from '../../base/index.ts';
import {
  CompactedError,
  type RangeQuery,
  type StoredRecord,
  type StoreEvent,
  type StoreWatch,
} from '../../state/index.ts';
import type { Bookmarks } from './bookmarks.ts';
import { readConverted } from '../conversion/index.ts';
import { collectionPrefix } from '../stored/key.ts';
import { checkWatchOptions, parseResourceVersion } from '../reading/list-options.ts';
import { awaitRevision } from '../reading/listing.ts';
import type { WritePorts } from '../ports.ts';
import { type Selection, selectionOf, selects } from '../reading/selection.ts';
import type { Target, RecordEvent, WatchOptions, WatchSink } from '../service.ts';
import { recordFor } from '../stored/versions.ts';
import { initialEvent, watchEventOf } from './watch-mapping.ts';
import { eventOrder } from './watch-order.ts';

interface WatchStart {
  /** Events after this revision follow. */
  readonly after: Revision;
  /** What is there already. */
  readonly events: readonly RecordEvent[];
}

/**
 * A watch: what is there already (unless it starts at a revision), history, then every change as the replica applies
 * it, without gap or repeat. A sink that answers false has fallen behind: the watch ends. So does one whose replica has
 * jumped over changes that nobody keeps any more: with 410, as for a revision that is too old.
 */
export async function watchObjects(
  ports: WritePorts,
  bookmarks: Bookmarks,
  request: { readonly target: Target; readonly options: WatchOptions; readonly sink: WatchSink },
): Promise<{ close(): void }> {
  const { target, options, sink } = request;
  const { info } = target;
  checkWatchOptions(options);
  const selection = selectionOf(info, options);
  const prefix = collectionPrefix(info.storage, info.namespaced ? target.namespace : undefined);
  const asked = parseResourceVersion(options.resourceVersion);
  const initial = options.sendInitialEvents ?? (asked === undefined || asked === 0);
  // Only what is to be shown first has to be fresh; later events may come later.
  await awaitRevision(ports.store, initial ? asked : 0);
  const start = initial
    ? await present(ports, { target, selection, prefix })
    : { after: (asked === undefined || asked === 0 ? ports.store.revision : asked) as Revision, events: [] };
  return run(ports, bookmarks, {
    target,
    selection,
    prefix,
    start,
    sink,
    marks: options.allowWatchBookmarks === true,
    initialEnd: options.sendInitialEvents === true,
  });
}

function present(
  ports: WritePorts,
  query: { readonly target: Target; readonly selection: Selection; readonly prefix: string },
): Promise<WatchStart> {
  const { info } = query.target;
  return readConverted(
    ports,
    info,
    () => recordsIn(ports, query),
    () => {
      const { revision } = ports.store;
      const events = recordsIn(ports, query)
        .map((record) => recordFor(info, record))
        .filter((record) => selects(query.selection, record.index))
        .map(initialEvent);
      return { after: revision, events };
    },
  );
}

/** Those that the selection may show; of one object, or by a field, without a look at the whole collection. */
function recordsIn(
  { store }: WritePorts,
  { target, selection, prefix }: { readonly target: Target; readonly selection: Selection; readonly prefix: string },
): readonly StoredRecord[] {
  const isPlace = !target.info.namespaced || (target.namespace ?? '') !== '';
  if (selection.name === undefined || !isPlace) return store.range({ prefix, field: selection.field }).records;
  const record = store.get(`${prefix}${selection.name}`);
  return record === undefined ? [] : [record];
}

/** By what the store finds this watcher: each agent watches its own Node, and the pods on it. */
function watchedField({ field, name }: Selection): RangeQuery['field'] {
  return field ?? (name === undefined || name === '' ? undefined : { name: 'metadata.name', value: name });
}

interface Run {
  readonly target: Target;
  readonly selection: Selection;
  readonly prefix: string;
  readonly start: WatchStart;
  readonly sink: WatchSink;
  readonly marks: boolean;
  /** A bookmark says that the initial events are complete. */
  readonly initialEnd: boolean;
}

function run(
  ports: WritePorts,
  bookmarks: Bookmarks,
  { target, selection, prefix, start, sink, marks, initialEnd }: Run,
): { close(): void } {
  let watch: StoreWatch | undefined;
  let mark: { close(): void } | undefined;
  let closed = false;
  const close = (): void => {
    closed = true;
    watch?.close();
    mark?.close();
  };
  const deliver = (events: readonly RecordEvent[]): void => {
    if (!closed && events.length > 0 && !sink(events)) close();
  };
  const opening =
    initialEnd && marks
      ? [...start.events, { type: 'BOOKMARK', revision: start.after, initialEventsEnd: true } as const]
      : start.events;
  deliver(opening);
  const order = eventOrder(ports, {
    info: target.info,
    fail: (status) => {
      deliver([{ type: 'ERROR', status }]);
      close();
    },
  });
  const tooOld = ({ oldest }: CompactedError): void => {
    deliver([{ type: 'ERROR', status: expired(`too old resource version: ${start.after} (${oldest})`).body() }]);
    close();
  };
  const listener = (events: readonly StoreEvent[]): void => {
    order.take(events, () => {
      deliver(mapped(target, selection, start.after, events));
    });
  };
  if (closed) return { close };
  try {
    const opened = ports.store.watch(
      { prefix, after: start.after, field: watchedField(selection) },
      listener,
      (error) => {
        order.take([], () => {
          tooOld(error);
        });
      },
    );
    watch = opened;
    if (isClosed()) opened.close();
    else if (marks)
      mark = bookmarks.add((revision) => {
        if (revision >= start.after)
          order.take([], () => {
            deliver([{ type: 'BOOKMARK', revision, initialEventsEnd: false }]);
          });
      });
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    tooOld(error);
  }
  return { close };

  // Delivering history may close the watch before the store has answered it.
  function isClosed(): boolean {
    return closed;
  }
}

function mapped(target: Target, selection: Selection, after: Revision, events: readonly StoreEvent[]): RecordEvent[] {
  const seen: RecordEvent[] = [];
  for (const event of events) {
    if (event.revision <= after) continue;
    const shown = watchEventOf(target.info, selection, event);
    if (shown !== undefined) seen.push(shown);
  }
  return seen;
}
