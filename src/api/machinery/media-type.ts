/** Media types in Content-Type headers. */

/** The type of a Content-Type header without its parameters, in lower case. */
export function mediaTypeOf(contentType: string): string {
  // What nearly every request says needs no work.
  if (contentType === 'application/json') return contentType;
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}
