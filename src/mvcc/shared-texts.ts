/** Texts that many records have in common, kept once. */
import { setOwn } from '../base/index.ts';
import { emptyIndex, type RecordIndex } from './record.ts';

/** Texts that are known at most; then all are forgotten, since most that came once (names) will not come again. */
const textsMax = 4_096;
/** Longer ones are hardly ever alike. */
const lengthMax = 64;

type Texts = RecordIndex['labels'];

function alike(texts: Texts, others: Texts): boolean {
  let more = 0;
  for (const name in texts) {
    if (texts[name] !== others[name]) return false;
    more += 1;
  }
  for (const _ in others) more -= 1;
  return more === 0;
}

/**
 * Keeps once what the indices of many records have alike: a phase, a node's name, the value of a label. A text of its
 * own for each would take more than the rest of the index.
 */
export class SharedTexts {
  readonly #known = new Map<string, string>();
  readonly #own: (text: string) => string;

  /** `own`: what to keep of a text that is not known yet. */
  constructor(own: (text: string) => string = (text) => text) {
    this.#own = own;
  }

  /** The same index; what is as in the version `before` is taken from there. */
  index(index: RecordIndex, before: RecordIndex = emptyIndex): RecordIndex {
    if (index === emptyIndex) return index;
    const uid = index.uid === before.uid ? before.uid : this.#own(index.uid);
    const [labels, fields] = [this.#texts(index.labels, before.labels), this.#texts(index.fields, before.fields)];
    const owners = this.#owners(index.owners, before.owners);
    const same = uid === before.uid && labels === before.labels && fields === before.fields && owners === before.owners;
    return same ? before : { uid, labels, fields, owners };
  }

  #texts(texts: Texts, before: Texts): Texts {
    if (alike(texts, before)) return before;
    const shared: Record<string, string> = {};
    let empty = true;
    for (const name in texts) {
      setOwn(shared, name, this.#share(texts[name] as string));
      empty = false;
    }
    return empty ? emptyIndex.labels : shared;
  }

  #owners(owners: readonly string[], before: readonly string[]): readonly string[] {
    if (owners.length === 0) return emptyIndex.owners;
    return owners.length === before.length && owners.every((uid, position) => uid === before[position])
      ? before
      : owners.map((uid) => this.#share(uid));
  }

  #share(text: string): string {
    if (text.length > lengthMax) return this.#own(text);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size >= textsMax) this.#known.clear();
    const own = this.#own(text);
    this.#known.set(own, own);
    return own;
  }
}
