/** Reads the fields of a YAML file one by one; every complaint names the file, the line and the field. */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';

/** What is wrong with a scenario, line by line. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

interface Source {
  readonly file: string;
  readonly lines: LineCounter;
  readonly problems: string[];
}

const durations: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `250ms`, `3s`, `2m`, `1h` in ms; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const factor = durations[unit];
  return count === undefined || factor === undefined ? undefined : Number(count) * factor;
}

/** One mapping of the file. Each read notes what is wrong and answers a stand-in, so that all mistakes are told. */
export class Fields {
  readonly #source: Source;
  readonly #node: YAMLMap;
  readonly #path: string;
  readonly #read = new Set<string>();

  constructor(source: Source, node: YAMLMap, path: string) {
    this.#source = source;
    this.#node = node;
    this.#path = path;
  }

  get names(): readonly string[] {
    return this.#node.items.map(({ key }) => String(isScalar(key) ? key.value : key));
  }

  has(name: string): boolean {
    return this.#node.has(name);
  }

  text(name: string, otherwise?: string): string {
    const value = this.#scalar(name);
    if (typeof value === 'string') return value;
    if (value === undefined && otherwise !== undefined) return otherwise;
    this.complain(name, value === undefined ? 'is missing' : `expected text, found ${String(value)}`);
    return '';
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], otherwise?: T): T {
    const value = this.#scalar(name);
    const found = allowed.find((each) => each === value);
    if (found !== undefined) return found;
    if (value !== undefined || otherwise === undefined)
      this.complain(name, value === undefined ? 'is missing' : `${String(value)}: expected ${allowed.join(', ')}`);
    return otherwise ?? (allowed[0] as T);
  }

  whole(name: string, otherwise?: number, { least = 0, most = Number.MAX_SAFE_INTEGER } = {}): number {
    const value = this.#scalar(name);
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    if (value === undefined && otherwise !== undefined) return otherwise;
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
    this.complain(name, value === undefined ? 'is missing' : `${String(value)}: expected a whole number, ${range}`);
    return otherwise ?? least;
  }

  duration(name: string, otherwise?: number): number {
    const value = this.#scalar(name);
    const ms = typeof value === 'string' ? durationMs(value) : undefined;
    if (ms !== undefined) return ms;
    if (value === undefined && otherwise !== undefined) return otherwise;
    this.complain(
      name,
      value === undefined ? 'is missing' : `${String(value)}: expected a time such as 500ms, 3s or 2m`,
    );
    return otherwise ?? 0;
  }

  /** The mapping below; undefined when there is none. */
  below(name: string): Fields | undefined {
    this.#read.add(name);
    const node = this.#node.get(name, true);
    if (node === undefined) return undefined;
    if (isMap(node)) return new Fields(this.#source, node, this.#pathOf(name));
    if (isScalar(node) && node.value === null) return undefined;
    this.complain(name, 'expected fields below it');
    return undefined;
  }

  /** The mappings of a list. */
  each(name: string): readonly Fields[] {
    return this.#items(name).flatMap(({ item, path }) => {
      if (isMap(item)) return [new Fields(this.#source, item, path)];
      this.#note(item as Node, path, 'expected fields');
      return [];
    });
  }

  /** The texts of a list, of those allowed. */
  list<T extends string>(name: string, allowed: readonly T[]): readonly T[] {
    return this.#items(name).flatMap(({ item, path }) => {
      const value: unknown = isScalar(item) ? item.value : undefined;
      const found = allowed.find((each) => each === value);
      if (found !== undefined) return [found];
      this.#note(item as Node, path, `${String(value)}: expected ${allowed.join(', ')}`);
      return [];
    });
  }

  /** The items of a list with their places; none, with a complaint, when it is no list. */
  #items(name: string): readonly { readonly item: unknown; readonly path: string }[] {
    this.#read.add(name);
    const node: unknown = this.#node.get(name, true);
    if (node === undefined) return [];
    if (isSeq(node)) return node.items.map((item, i) => ({ item, path: `${this.#pathOf(name)}[${i}]` }));
    this.complain(name, 'expected a list');
    return [];
  }

  complain(name: string, what: string): void {
    const pair = this.#node.items.find(({ key }) => isScalar(key) && key.value === name);
    this.#note((pair?.key as Node | undefined) ?? this.#node, this.#pathOf(name), what);
  }

  /** Complains of every field that nobody read. */
  end(): void {
    for (const name of this.names) if (!this.#read.has(name)) this.complain(name, 'is no field that is known here');
  }

  #scalar(name: string): unknown {
    this.#read.add(name);
    const node: unknown = this.#node.get(name, true);
    if (node === undefined) return undefined;
    return isScalar(node) ? node.value : '(a list or fields)';
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  #note(node: Node, path: string, what: string): void {
    const { line } = this.#source.lines.linePos(node.range?.[0] ?? 0);
    this.#source.problems.push(`${this.#source.file}:${line}: ${path}: ${what}`);
  }
}

/**
 * Reads a file with one mapping. Throws a ScenarioError with a line for each thing that is wrong: what YAML refuses,
 * and what `read` complained of.
 */
export function readYaml<T>(file: string, text: string, read: (fields: Fields) => T): T {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const problems = document.errors.map(
    ({ pos, message }) => `${file}:${lines.linePos(pos[0]).line}: ${message.split('\n')[0] ?? ''}`,
  );
  if (problems.length > 0) throw new ScenarioError(problems);
  if (!isMap(document.contents)) throw new ScenarioError([`${file}:1: expected the fields of a scenario`]);
  const source: Source = { file, lines, problems };
  const fields = new Fields(source, document.contents, '');
  const result = read(fields);
  fields.end();
  if (problems.length > 0) throw new ScenarioError(problems);
  return result;
}
