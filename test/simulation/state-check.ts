/** Whether the ways to read one state agree: lists, pages, counts, single reads, fields, owners and the past. */
import type { Revision } from '../../src/base/index.ts';
import type { StoredRecord, StoreMember } from '../../src/state/index.ts';
import { valueIn } from './ledger.ts';

/** A key as the changes so far make it. */
export interface KeptKey {
  readonly value: string;
  readonly revision: number;
  readonly created: number;
}

type KeptState = ReadonlyMap<string, KeptKey>;

/** Revisions of the past that are read again. */
const pastReads = 3;
const pageLimit = 3;

/** What speaks against the state that a member shows; empty when nothing does. */
export function stateProblems(
  store: StoreMember,
  stateAt: (revision: number) => KeptState | undefined,
): readonly string[] {
  const { records, revision } = store.range({ prefix: '' });
  const due = stateAt(revision);
  return [
    ...orderProblems(records),
    ...(due === undefined ? [] : differences(records, due, revision)),
    ...records.filter(({ key }) => store.get(key) === undefined).map(({ key }) => `${key} is listed and not there`),
    ...['', '/g0/', '/lease/'].flatMap((prefix) => pageProblems(store, prefix, revision)),
    ...fieldProblems(store, records),
    ...ownerProblems(store, records),
    ...pastProblems(store, stateAt),
  ];
}

function orderProblems(records: readonly StoredRecord[]): readonly string[] {
  const wrong = records.find(({ key }, i) => i > 0 && key <= (records[i - 1]?.key ?? ''));
  return wrong === undefined ? [] : [`${wrong.key} stands in the wrong place`];
}

export function differences(records: readonly StoredRecord[], due: KeptState, revision: number): readonly string[] {
  const found = new Map(records.map((record) => [record.key, record]));
  const wrong = [...new Set([...found.keys(), ...due.keys()])].filter((key) => {
    const [record, kept] = [found.get(key), due.get(key)];
    if (record === undefined || kept === undefined) return true;
    const same = record.revision === kept.revision && record.createRevision === kept.created;
    return !same || valueIn(record.bytes) !== kept.value;
  });
  return wrong.map(
    (key) => `${key} at ${revision} is of ${found.get(key)?.revision ?? 'no'} revision, due ${due.get(key)?.revision}`,
  );
}

/** Page by page it is the same list, and what remains is counted right. */
function pageProblems(store: StoreMember, prefix: string, revision: Revision): readonly string[] {
  const all = store.range({ prefix, revision }).records.map(({ key }) => key);
  const found: string[] = [];
  for (let after: string | undefined; ;) {
    const page = store.range({ prefix, revision, limit: pageLimit, ...(after === undefined ? {} : { after }) });
    found.push(...page.records.map(({ key }) => key));
    if (page.records.length > pageLimit)
      return [`a page of ${pageLimit} under ${prefix} has ${page.records.length} keys`];
    if (page.records.length === pageLimit && page.remaining !== all.length - found.length)
      return [`${page.remaining} remain under ${prefix} at ${revision}, not ${all.length - found.length}`];
    after = page.records.at(-1)?.key;
    if (page.records.length < pageLimit || found.length > all.length) break;
  }
  const counted = revision === store.revision ? store.count(prefix) : all.length;
  if (counted !== all.length) return [`${counted} are counted under ${prefix}, ${all.length} are listed`];
  return found.join() === all.join() ? [] : [`pages under ${prefix} at ${revision} are not the list`];
}

function fieldProblems(store: StoreMember, records: readonly StoredRecord[]): readonly string[] {
  const pairs = new Map(
    records.flatMap(({ index }) => Object.entries(index.fields)).map((pair) => [pair.join(), pair]),
  );
  return [...pairs.values()].flatMap(([name, value]) => {
    const due = records.filter(({ index }) => index.fields[name] === value).map(({ key }) => key);
    const found = store.range({ prefix: '', field: { name, value } }).records.map(({ key }) => key);
    return due.join() === [...found].sort().join() ? [] : [`${name}=${value} finds ${found.join()}, due ${due.join()}`];
  });
}

function ownerProblems(store: StoreMember, records: readonly StoredRecord[]): readonly string[] {
  return [...new Set(records.flatMap(({ index }) => index.owners))].flatMap((owner) => {
    const due = records.filter(({ index }) => index.owners.includes(owner)).map(({ key }) => key);
    const found = store.ownedBy(owner).map((record: StoredRecord | undefined) => record?.key ?? 'nothing');
    return due.join() === [...found].sort().join() ? [] : [`${owner} owns ${found.join()}, due ${due.join()}`];
  });
}

/** Some revisions between the oldest that is kept and the newest. */
function pastProblems(store: StoreMember, stateAt: (revision: number) => KeptState | undefined): readonly string[] {
  const { oldestRevision: oldest = store.revision } = store.status();
  return Array.from({ length: pastReads }, (_, i) => {
    const revision = (oldest + Math.floor(((store.revision - oldest) * i) / pastReads)) as Revision;
    const due = stateAt(revision);
    if (due === undefined) return [];
    return [
      ...differences(store.range({ prefix: '', revision }).records, due, revision),
      ...pageProblems(store, '', revision),
    ];
  }).flat();
}
