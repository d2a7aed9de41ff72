/** Counts the values of a JSON text in one cheap pass, before the parser sees it. */
import { limits } from '../../base/index.ts';
import { type BoundedInput, ExcessError } from './excess.ts';

/** Deeper nesting than any real object has; it bounds the recursion of everything that walks a body. */
export const depthMax = 1000;

/** What one pass has counted. */
interface Counts {
  /** Values outside of `managedFields`, and all. */
  own: number;
  all: number;
  /** Commas of the innermost object or list, and of those around it. */
  commas: number;
  readonly outer: number[];
  /** How many are open around `managedFields` while the pass is inside; 0 while it is not. */
  managedAt: number;
}

/** Deep enough for the `managedFields` of an object's metadata. */
const managedDepth = 2;
const managedKey = '"managedFields"';

/**
 * Why a JSON text is too much work; undefined when it is not. Values are counted by their commas and brackets, all of
 * the text and those of each object and list; what stands in strings does not count. The pass ends with the first
 * excess, and short texts need none.
 */
export function jsonExcess(text: string, input: BoundedInput = 'json'): ExcessError | undefined {
  // Each value but the first takes two characters or more.
  if (text.length < 2 * limits.bodyMembersMax) return undefined;
  const counts: Counts = { own: 1, all: 1, commas: 0, outer: [], managedAt: 0 };
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      if (counts.outer.length === managedDepth && text.startsWith(managedKey, at)) counts.managedAt = managedDepth;
      at = stringEnd(text, at + 1);
      continue;
    }
    if (code === 0x2c) comma(counts);
    else if (code === 0x5b || code === 0x7b) open(counts);
    else if (code === 0x5d || code === 0x7d) counts.commas = counts.outer.pop() ?? 0;
    else continue;
    const excess = excessOfCounts(counts, input);
    if (excess !== undefined) return excess;
  }
  return undefined;
}

function comma(counts: Counts): void {
  counts.commas += 1;
  // The comma after it ends it.
  if (counts.outer.length <= counts.managedAt) counts.managedAt = 0;
  count(counts);
}

function open(counts: Counts): void {
  counts.outer.push(counts.commas);
  counts.commas = 0;
  count(counts);
}

function count(counts: Counts): void {
  counts.all += 1;
  if (counts.managedAt === 0) counts.own += 1;
}

function excessOfCounts({ own, all, commas, outer }: Counts, input: BoundedInput): ExcessError | undefined {
  if (commas >= limits.bodyMembersMax) return tooMany(input, 'an object or list has more than', limits.bodyMembersMax);
  if (outer.length > depthMax) return new ExcessError(input, 'depth', 'exceeded max depth');
  if (own > limits.bodyValuesMax) return tooMany(input, 'the text has more than', limits.bodyValuesMax);
  return all > limits.bodyOwnedValuesMax
    ? tooMany(input, 'the text has more than', limits.bodyOwnedValuesMax)
    : undefined;
}

/** As `jsonExcess`, of what a text says: an object that was put together of several. */
export function valueExcess(object: unknown): ExcessError | undefined {
  let [values, widest] = [1, 0];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || values > limits.bodyValuesMax) return;
    const list = Array.isArray(value);
    const members: readonly unknown[] = list ? value : Object.values(value);
    values += members.length;
    widest = Math.max(widest, members.length);
    const managed = list ? undefined : (value as { readonly managedFields?: unknown }).managedFields;
    for (const member of members) if (member !== managed) visit(member);
  };
  visit(object);
  if (widest > limits.bodyMembersMax) return tooMany('body', 'an object or list has more than', limits.bodyMembersMax);
  return values > limits.bodyValuesMax ? tooMany('body', 'it has more than', limits.bodyValuesMax) : undefined;
}

function tooMany(input: BoundedInput, what: string, max: number): ExcessError {
  return new ExcessError(input, 'values', `${what} ${max} values`);
}

/** Where the quotation mark stands that ends a string; the end of the text for one that has no end. */
export function stringEnd(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (end >= 0) {
    let slashes = 0;
    while (end - 1 - slashes >= from && text.charCodeAt(end - 1 - slashes) === 0x5c) slashes += 1;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}
