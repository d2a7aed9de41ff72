/** The selectors that an access review asks about, as the text that authorizers read. */
import {
  type JsonObject,
  parseFieldSelector,
  parseLabelSelector,
  type Selector,
  selectorText,
} from '../../api/index.ts';
import { recordOf, textIn, textsIn } from './review-options.ts';

export interface AskedSelectors {
  readonly fieldSelector: string | undefined;
  readonly labelSelector: string | undefined;
  /**
   * What could not be read, in the words of kube-apiserver. The question is then a broader one, since the terms of a
   * selector only narrow it.
   */
  readonly trouble: readonly string[];
}

/** What of a selector can be read, and whether something cannot. */
interface Readable {
  readonly text: string;
  readonly whole: boolean;
}

/** `attributes`: the review's `resourceAttributes`, which passed the checks of its selectors. */
export function askedSelectors(attributes: JsonObject): AskedSelectors {
  const field = readable(recordOf(attributes['fieldSelector']), parseFieldSelector, fieldTerm);
  const label = readable(recordOf(attributes['labelSelector']), parseLabelSelector, labelTerm);
  const trouble = [...troubleOf('fieldSelector', field), ...troubleOf('labelSelector', label)];
  return { fieldSelector: filled(field), labelSelector: filled(label), trouble };
}

const filled = ({ text }: Readable): string | undefined => (text === '' ? undefined : text);

function troubleOf(name: string, { text, whole }: Readable): readonly string[] {
  if (whole) return [];
  return [`spec.resourceAttributes.${name} ${text === '' ? '' : 'partially '}ignored due to parse error`];
}

function readable(
  selector: JsonObject,
  parse: (text: string) => readonly unknown[],
  term: (requirement: JsonObject) => string | undefined,
): Readable {
  const raw = textIn(selector, 'rawSelector');
  if (raw !== '') return termsIn(raw, parse) === undefined ? { text: '', whole: false } : { text: raw, whole: true };
  const listed = selector['requirements'];
  const terms = (Array.isArray(listed) ? listed : []).map((requirement) => term(recordOf(requirement)));
  // A term that reads as several is none.
  const read = terms.filter((text) => text !== undefined && termsIn(text, parse) === 1);
  return { text: read.join(','), whole: read.length === terms.length };
}

/** How many terms a selector's text has; undefined when it cannot be read. */
function termsIn(text: string, parse: (text: string) => readonly unknown[]): number | undefined {
  try {
    return parse(text).length;
  } catch {
    return undefined;
  }
}

const fieldOperators: Readonly<Record<string, string>> = { In: '=', NotIn: '!=' };

/** Of fields, only a single value can be asked about. */
function fieldTerm(requirement: JsonObject): string | undefined {
  const operator = fieldOperators[textIn(requirement, 'operator')];
  const [value, ...more] = textsIn(requirement, 'values');
  if (operator === undefined || value === undefined || more.length > 0) return undefined;
  return `${textIn(requirement, 'key')}${operator}${value.replaceAll(/[\\,=]/g, String.raw`\$&`)}`;
}

const labelOperators: Readonly<Record<string, Selector[number]['operator']>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

function labelTerm(requirement: JsonObject): string | undefined {
  const operator = labelOperators[textIn(requirement, 'operator')];
  if (operator === undefined) return undefined;
  const selector: Selector = [{ key: textIn(requirement, 'key'), operator, values: textsIn(requirement, 'values') }];
  return selectorText(selector);
}
