/** Counts the values of a JSON text in one cheap pass, before the parser sees it. */
import { limits } from '../../base/index.ts';
import { type BoundedInput, ExcessError } from './excess.ts';

/** Deeper nesting than any real object has; it bounds the recursion of everything that walks a body. */
export const depthMax = 1000;

/**
 * Why a JSON text is too much work; undefined when it is not. Values are counted by their commas and brackets; what
 * stands in strings does not count. The pass ends with the first excess, and short texts need none.
 */
export function jsonExcess(text: string, input: BoundedInput = 'json'): ExcessError | undefined {
  // Each value but the first takes two characters or more.
  if (text.length < 2 * limits.bodyValuesMax) return undefined;
  let [values, depth] = [1, 0];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = stringEnd(text, at + 1);
    else if (code === 0x2c) values += 1;
    else if (code === 0x5b || code === 0x7b) [values, depth] = [values + 1, depth + 1];
    else if (code === 0x5d || code === 0x7d) depth -= 1;
    if (depth > depthMax) return new ExcessError(input, 'depth', 'exceeded max depth');
    if (values > limits.bodyValuesMax)
      return new ExcessError(input, 'values', `the text has more than ${limits.bodyValuesMax} values`);
  }
  return undefined;
}

/** Where the quotation mark stands that ends a string; the end of the text for one that has no end. */
function stringEnd(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (end >= 0) {
    let slashes = 0;
    while (end - 1 - slashes >= from && text.charCodeAt(end - 1 - slashes) === 0x5c) slashes += 1;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}
