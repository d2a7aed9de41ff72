/** From changes of the store to events of a watch. */
import type { ResourceInfo } from '../../api/index.ts';
import type { StoredRecord, StoreEvent } from '../../state/index.ts';
import { bytesAtRevision } from '../stored/encoding.ts';
import { type Selection, selects } from '../reading/selection.ts';
import type { RecordEvent, SharedEvent } from '../service.ts';
import { recordFor } from '../stored/versions.ts';

type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** The events of a record; they go with it. */
const shared = new WeakMap<StoredRecord, Partial<Record<ChangeType, SharedEvent>>>();

function eventOf(type: ChangeType, record: StoredRecord, trace?: string): SharedEvent {
  let events = shared.get(record);
  if (events === undefined) {
    events = {};
    shared.set(record, events);
  }
  return (events[type] ??= { type, record, trace } as SharedEvent);
}

const departed = new WeakMap<StoredRecord, StoredRecord>();

/**
 * The version before the event as its watcher saw it, with the event's revision: what he sees of an object that his
 * selector no longer shows.
 */
function departedRecord(event: StoreEvent, previous: StoredRecord): StoredRecord {
  const known = departed.get(previous);
  if (known !== undefined) return known;
  const bytes = bytesAtRevision(previous.bytes, event.revision);
  let parsed: unknown;
  const { key, createRevision, index } = previous;
  const object = <T>(): T => (parsed ??= JSON.parse(new TextDecoder().decode(bytes))) as T;
  const made: StoredRecord = { key, revision: event.revision, createRevision, bytes, view: () => bytes, index, object };
  departed.set(previous, made);
  return made;
}

/** The event that ADDS what is there already. */
export function initialEvent(record: StoredRecord): RecordEvent {
  return eventOf('ADDED', record);
}

/**
 * What a watcher with this selection sees of a store event: objects move in (ADDED) and out (DELETED) of the selection.
 */
export function watchEventOf(info: ResourceInfo, selection: Selection, event: StoreEvent): RecordEvent | undefined {
  const { previous, record, trace } = event;
  const shows = (version: StoredRecord): boolean => selects(selection, recordFor(info, version).index);
  const before = previous !== undefined && shows(previous);
  if (event.type === 'delete')
    return before || (previous === undefined && shows(record))
      ? eventOf('DELETED', recordFor(info, record), trace)
      : undefined;
  const now = shows(record);
  if (now) return eventOf(before ? 'MODIFIED' : 'ADDED', recordFor(info, record), trace);
  return before ? eventOf('DELETED', departedRecord(event, recordFor(info, previous)), trace) : undefined;
}
