/** Moves the links of an HTML page behind a proxy's path. */

/** The attributes that hold a link, by element (HTML, "Index of attributes"; the same as Kubernetes' proxy knows). */
const linking: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['formaction', 'src', 'usemap'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
};
/** What stands in these is no markup. */
const rawElements: ReadonlySet<string> = new Set([
  'script',
  'style',
  'textarea',
  'title',
  'xmp',
  'iframe',
  'noembed',
  'noframes',
]);

/** A tag that is longer passes as it is. */
const tagLengthMax = 64 * 1024;
const unsafe = /["'<>&`\s]/g;

interface Part {
  readonly end: number;
  /** It is a tag, whose links may have to be moved. */
  readonly isTag: boolean;
}

/**
 * Rewrites a page piece by piece: links that begin with `/` get `prefix` in front, unless they have it. Texts hold a
 * byte in each character, so that any encoding that extends ASCII comes out as it was. Takes time in proportion to the
 * page, whatever it holds.
 */
export class PageLinks {
  readonly #prefix: string;
  #held = '';
  /** The element whose raw text is being passed; '': markup. */
  #raw = '';

  constructor(prefix: string) {
    this.#prefix = prefix.replace(unsafe, (character) => encodeURIComponent(character).replace("'", '%27'));
  }

  /** What of the page is settled by now. */
  push(piece: string): string {
    const text = this.#held + piece;
    const out: string[] = [];
    let at = 0;
    while (at < text.length) {
      const part = this.#partAt(text, at);
      if (part === undefined) break;
      const found = text.slice(at, part.end);
      out.push(part.isTag ? this.#rewritten(found) : found);
      at = part.end;
    }
    this.#held = text.slice(at);
    if (this.#held.length > tagLengthMax) out.push(this.end());
    return out.join('');
  }

  /** What is left when the page has ended. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }

  /** The text, comment or tag that begins at `from`; undefined: where it ends is not yet known. */
  #partAt(text: string, from: number): Part | undefined {
    if (this.#raw !== '') return this.#rawPart(text, from);
    if (text[from] !== '<') {
      const next = text.indexOf('<', from);
      return { end: next < 0 ? text.length : next, isTag: false };
    }
    const begins = text.slice(from, from + 4);
    if (begins === '<!--') return ending(endOfComment(text, from), false);
    if ('<!--'.startsWith(begins)) return undefined;
    if (!/[a-zA-Z/!?]/.test(begins[1] ?? '')) return { end: from + 1, isTag: false };
    return ending(endOfTag(text, from), true);
  }

  /** Raw text lasts to its element's end tag. */
  #rawPart(text: string, from: number): Part | undefined {
    const close = new RegExp(`</${this.#raw}`, 'gi');
    close.lastIndex = from;
    const found = close.exec(text);
    if (found !== null) {
      this.#raw = '';
      return { end: found.index === from ? from + 1 : found.index, isTag: false };
    }
    // The end tag may have begun.
    const settled = text.length - this.#raw.length - 2;
    return settled > from ? { end: settled, isTag: false } : undefined;
  }

  #rewritten(tag: string): string {
    const name = /^<([a-zA-Z][^\s/>]*)/.exec(tag)?.[1];
    if (name === undefined) return tag;
    const element = name.toLowerCase();
    if (rawElements.has(element)) this.#raw = element;
    const links = Object.hasOwn(linking, element) ? linking[element] : undefined;
    if (links === undefined) return tag;
    const out: string[] = [];
    let from = 0;
    for (const { attribute, start, end } of valuesOf(tag, name.length + 1)) {
      if (!links.includes(attribute.toLowerCase())) continue;
      out.push(tag.slice(from, start), this.#moved(tag.slice(start, end)));
      from = end;
    }
    return `${out.join('')}${tag.slice(from)}`;
  }

  #moved(value: string): string {
    const link = value.trimStart();
    const isOwn = link.startsWith('/') && !link.startsWith('//') && !link.startsWith('/\\');
    const hasPrefix = link.startsWith(this.#prefix) && /^(?:$|[/?#])/.test(link.slice(this.#prefix.length));
    return isOwn && !hasPrefix ? `${value.slice(0, value.length - link.length)}${this.#prefix}${link}` : value;
  }
}

const ending = (end: number | undefined, isTag: boolean): Part | undefined =>
  end === undefined ? undefined : { end, isTag };

function endOfComment(text: string, from: number): number | undefined {
  const at = text.indexOf('-->', from + 4);
  return at < 0 ? undefined : at + 3;
}

/** Behind the `>` that no quotation marks of a value enclose. */
function endOfTag(text: string, from: number): number | undefined {
  let quote = '';
  let afterEquals = false;
  for (let at = from; at < text.length; at++) {
    const character = text[at] ?? '';
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '>') return at + 1;
    else if (afterEquals && (character === '"' || character === "'")) quote = character;
    if (!isSpace(character)) afterEquals = character === '=' && quote === '';
  }
  return undefined;
}

const isSpace = (character: string | undefined): boolean =>
  character === ' ' || character === '\n' || character === '\t' || character === '\r' || character === '\f';
const endsName = (character: string): boolean => character === '=' || character === '>' || character === '/';

interface AttributeValue {
  readonly attribute: string;
  /** Of the value in the tag, without quotation marks. */
  readonly start: number;
  readonly end: number;
}

/** The values of a tag's attributes, in order. */
function* valuesOf(tag: string, from: number): Generator<AttributeValue, undefined> {
  const skip = (at: number, holds: (character: string) => boolean): number => {
    let next = at;
    while (next < tag.length && holds(tag[next] ?? '')) next++;
    return next;
  };
  let at = from;
  while (at < tag.length) {
    const nameAt = skip(at, (character) => isSpace(character) || endsName(character));
    const nameEnd = skip(nameAt, (character) => !isSpace(character) && !endsName(character));
    const equals = skip(nameEnd, isSpace);
    at = equals;
    if (tag[equals] !== '=') continue;
    const valueAt = skip(equals + 1, isSpace);
    const quote = tag[valueAt] === '"' || tag[valueAt] === "'" ? tag[valueAt] : undefined;
    const start = quote === undefined ? valueAt : valueAt + 1;
    const end = skip(start, (character) =>
      quote === undefined ? !isSpace(character) && character !== '>' : character !== quote,
    );
    yield { attribute: tag.slice(nameAt, nameEnd), start, end };
    at = quote === undefined ? end : end + 1;
  }
  return undefined;
}
