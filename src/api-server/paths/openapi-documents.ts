/** OpenAPI documents of the served resources, made when first asked for and kept while the resources stay the same. */
import { type JsonObject, openapiV2, openapiV3, openapiV3Hash, openapiV3Index } from '../../api/index.ts';
import type { ResourceCatalogue } from '../../resources/index.ts';
import { type CachedDocument, documentOf } from './cached-document.ts';

/** What other API servers add to the document of version 2. */
export interface Additions {
  /** The others' documents: the same objects as long as these say the same. */
  readonly documents: readonly unknown[];
  addTo(own: JsonObject): JsonObject;
}

interface Merged {
  readonly edition: unknown;
  readonly documents: readonly unknown[];
  readonly document: CachedDocument;
}

export class OpenapiDocuments {
  readonly #catalogue: ResourceCatalogue;
  readonly #documents = new Map<string, CachedDocument>();
  #edition: unknown;
  #merged: Merged | undefined;

  constructor(catalogue: ResourceCatalogue) {
    this.#catalogue = catalogue;
    this.#edition = catalogue.edition();
  }

  /** The document of version 2, not yet written down. */
  own(): JsonObject {
    return openapiV2(this.#catalogue.all());
  }

  versionTwo(): CachedDocument | undefined {
    return this.#at('v2', () => this.own());
  }

  /** Merged once for the same additions to the same resources. */
  versionTwoWith({ documents, addTo }: Additions): CachedDocument {
    const kept = this.#merged;
    const edition = this.#catalogue.edition();
    if (kept?.edition === edition && isSame(kept.documents, documents)) return kept.document;
    const document = documentOf(JSON.stringify(addTo(this.own())));
    this.#merged = { edition, documents, document };
    return document;
  }

  /** The index of version 3. */
  index(): CachedDocument | undefined {
    return this.#at('v3', () => openapiV3Index(this.#catalogue.all()));
  }

  indexWith(paths: JsonObject): CachedDocument {
    const own = openapiV3Index(this.#catalogue.all())['paths'] as JsonObject;
    return documentOf(JSON.stringify({ paths: { ...paths, ...own } }));
  }

  /** The document of a key of the index, tagged by its hash there; undefined: the key is none of this server's. */
  group(key: string): CachedDocument | undefined {
    const all = this.#catalogue.all();
    return this.#at(
      `v3/${key}`,
      () => openapiV3(key, all),
      () => openapiV3Hash(key, all),
    );
  }

  #at(name: string, make: () => object | undefined, tag?: () => string): CachedDocument | undefined {
    const edition = this.#catalogue.edition();
    if (this.#edition !== edition) this.#documents.clear();
    this.#edition = edition;
    const known = this.#documents.get(name);
    if (known !== undefined) return known;
    const made = make();
    // What does not exist is not remembered: there is no end of such names.
    if (made === undefined) return undefined;
    const plain = documentOf(JSON.stringify(made));
    const document = tag === undefined ? plain : { ...plain, tag: tag() };
    this.#documents.set(name, document);
    return document;
  }
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, i) => value === other[i]);
}
