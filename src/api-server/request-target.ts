/** What a request is about, named by its parts, so that no URL is written only to be read again. */

/** A resource, a collection or a subresource, as Kubernetes' paths name it. '' and undefined mean "not there". */
export interface RequestTarget {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** The segments of the target's path, decoded: `api`, `v1`, `namespaces`, `default`, `pods`, `web`. */
export function targetSegments(target: RequestTarget): readonly string[] {
  const { group, version, resource, namespace = '', name = '', subresource = '' } = target;
  const segments = group === '' ? ['api', version] : ['apis', group, version];
  if (namespace !== '') segments.push('namespaces', namespace);
  for (const segment of [resource, name, subresource]) if (segment !== '') segments.push(segment);
  // Half of a surrogate pair has no UTF-8: it becomes the replacement character, as wherever bytes are made of texts.
  return segments.map((segment) => segment.toWellFormed());
}

/** Segments as the path of a URL, percent-encoded. */
export function pathOfSegments(segments: readonly string[]): string {
  return `/${segments.map(encodeURIComponent).join('/')}`;
}

export function targetPath(target: RequestTarget): string {
  return pathOfSegments(targetSegments(target));
}
