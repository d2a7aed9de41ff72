/** JSON of a long list, an item after the other. */
import { limits, Pace, type Steps } from '../../base/index.ts';
import { utf8 } from '../request.ts';

/** Lists of fewer items are written in one go. */
const itemsMin = 16;
/** Items that are written together. */
const itemsMax = 50;

/** The JSON of a value, in pieces: of many items in steps. `pretty` as kubectl asks for it. */
export function* jsonPieces(value: object, pretty: boolean): Steps<Uint8Array | Uint8Array[]> {
  const field = 'rows' in value ? 'rows' : 'items';
  const items = (value as Readonly<Record<string, unknown>>)[field];
  if (!Array.isArray(items) || items.length < itemsMin)
    return utf8(pretty ? `${JSON.stringify(value, null, 2)}\n` : JSON.stringify(value));
  return yield* inPieces({ value, field, items, pretty });
}

interface LongList {
  readonly value: object;
  readonly field: string;
  readonly items: readonly unknown[];
  readonly pretty: boolean;
}

/** What stands around the items, between them, and before each of their lines. */
const plainForm = { space: undefined, opening: '', between: ',', closing: '' };
const prettyForm = { space: 2, opening: '\n    ', between: ',\n    ', closing: '\n  ' };

function* inPieces({ value, field, items, pretty }: LongList): Steps<Uint8Array[]> {
  const form = pretty ? prettyForm : plainForm;
  const whole = JSON.stringify({ ...value, [field]: [] }, null, form.space);
  // Quotation marks within strings are escaped, so this is the field itself.
  const at = whole.indexOf(pretty ? `\n  "${field}": [` : `"${field}":[`);
  const open = whole.indexOf('[', at) + 1;
  const pieces: Uint8Array[] = [utf8(whole.slice(0, open) + form.opening)];
  const pace = new Pace(limits.turnBytesMax);
  for (let first = 0; first < items.length; first += itemsMax) {
    const texts: string[] = [];
    for (const item of items.slice(first, first + itemsMax)) {
      const text = JSON.stringify(item, null, form.space);
      texts.push(pretty ? text.replaceAll('\n', '\n    ') : text);
      if (pace.isDue(text.length)) yield;
    }
    pieces.push(utf8((first === 0 ? '' : form.between) + texts.join(form.between)));
  }
  pieces.push(utf8(form.closing + whole.slice(open) + (pretty ? '\n' : '')));
  return pieces;
}
