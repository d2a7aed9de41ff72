/** Reads JSON schemas from TypeScript sources. */

/**
 * JSON schemas of the interfaces and type aliases in a TypeScript source, with their comments as descriptions. It reads
 * what src/protocol is written in: objects, lists, unions, literals, records, references. Anything else is an error,
 * never a guess.
 */
export type Schema = { readonly [keyword: string]: unknown };

/** `constants`: lists of texts that `(typeof name)[number]` stands for. */
export function typeSchemas(
  source: string,
  constants: Readonly<Record<string, readonly string[]>> = {},
): Record<string, Schema> {
  const schemas: Record<string, Schema> = {};
  for (const { 1: comment, 2: kind, 3: name = '', index } of source.matchAll(
    /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*)?export (interface|type) (\w+)\s*=?\s*/g,
  )) {
    const reader = new TypeReader(
      source.slice(
        index + source.slice(index).indexOf(`export ${kind ?? ''} ${name}`) + `export ${kind ?? ''} ${name}`.length,
      ),
      constants,
    );
    schemas[name] = described(kind === 'interface' ? reader.object() : reader.alias(), comment);
  }
  return schemas;
}

/** The text of a doc comment without its stars; the lines of a paragraph are joined, indented pictures are not. */
export function commentText(comment: string): string {
  return comment
    .replace(/^\s*\/\*\*|\*\/\s*$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim()
    .replace(/(?<=\S)\n(?=[^\s-])/g, ' ');
}

function described(schema: Schema, comment: string | undefined): Schema {
  const text = comment === undefined ? '' : commentText(comment);
  return text === '' ? schema : { description: text, ...schema };
}

const plain: Readonly<Record<string, Schema>> = {
  string: { type: 'string' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  unknown: {},
  Uint8Array: { type: 'string', contentEncoding: 'base64', description: 'Binary in msgpack, base64 in JSON.' },
};

/** A recursive-descent reader over the text that is left. */
class TypeReader {
  #left: string;
  readonly #constants: Readonly<Record<string, readonly string[]>>;

  constructor(text: string, constants: Readonly<Record<string, readonly string[]>>) {
    this.#left = text;
    this.#constants = constants;
  }

  alias(): Schema {
    this.#need('=');
    return this.#union();
  }

  object(): Schema {
    this.#need('{');
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    while (!this.#take('}')) {
      const comment = this.#match(/^\s*(\/\*\*[\s\S]*?\*\/)/);
      const name = this.#match(/^\s*(?:readonly\s+)?([\w$]+)/) ?? this.#fail('a field');
      if (!this.#take('?')) required.push(name);
      this.#need(':');
      properties[name] = described(this.#union(), comment);
      if (!this.#take(';') && !/^\s*\}/.test(this.#left)) this.#fail('; or }');
    }
    return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
  }

  #union(): Schema {
    this.#take('|');
    const members = [this.#list()];
    // A field that may be undefined is left out of a message.
    while (this.#take('|')) if (this.#match(/^\s*(undefined)\b/) === undefined) members.push(this.#list());
    const [first = {}] = members;
    if (members.length === 1) return first;
    const texts = members.map((member) => member['const']);
    return texts.every((text) => typeof text === 'string') ? { type: 'string', enum: texts } : { oneOf: members };
  }

  #list(): Schema {
    this.#match(/^\s*(readonly)\s/);
    let schema = this.#single();
    while (this.#take('[]')) schema = { type: 'array', items: schema };
    return schema;
  }

  #single(): Schema {
    const constant = this.#match(/^\s*\(typeof (\w+)\)\[number\]/);
    if (constant !== undefined)
      return { type: 'string', enum: this.#constants[constant] ?? this.#fail(`the values of ${constant}`) };
    if (this.#take('(')) {
      const inner = this.#union();
      this.#need(')');
      return inner;
    }
    if (/^\s*\{/.test(this.#left)) return this.object();
    const text = this.#match(/^\s*'([^']*)'/);
    if (text !== undefined) return { const: text };
    const name = this.#match(/^\s*(\w+)/) ?? this.#fail('a type');
    if (name === 'Readonly') return this.#within(() => this.#union());
    if (name === 'Record') {
      return this.#within(() => {
        this.#union();
        this.#need(',');
        return { type: 'object', additionalProperties: this.#union() };
      });
    }
    return plain[name] ?? { $ref: `#/components/schemas/${name}` };
  }

  #within(read: () => Schema): Schema {
    this.#need('<');
    const schema = read();
    this.#need('>');
    return schema;
  }

  #match(pattern: RegExp): string | undefined {
    const found = pattern.exec(this.#left);
    if (found === null) return undefined;
    this.#left = this.#left.slice(found[0].length);
    return found[1];
  }

  #take(text: string): boolean {
    const left = this.#left.trimStart();
    if (!left.startsWith(text)) return false;
    this.#left = left.slice(text.length);
    return true;
  }

  #need(text: string): void {
    if (!this.#take(text)) this.#fail(text);
  }

  #fail(wanted: string): never {
    throw new SyntaxError(`${wanted} was expected at: ${this.#left.slice(0, 80)}`);
  }
}
