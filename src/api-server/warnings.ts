/** The Warning headers of an answer. */

/** As Kubernetes' recorder of warnings: clients keep no more than some KB of headers. */
const totalMax = 4_096;
const shortenedMax = 256;

/**
 * A header for each text (RFC 7234 section 5.5). Once they are longer than 4,096 characters together, each is cut to
 * 256, and no more are taken when those are as long as that.
 */
export function warningHeaders(texts: readonly string[]): string[] {
  const characters = texts.map((text) => [...text.replace(/\p{Cc}/gu, '')]);
  let total = 0;
  const tooLongAt = characters.findIndex(({ length }) => (total += length) > totalMax);
  if (tooLongAt < 0) return characters.map(headerOf);
  const headers: string[] = [];
  let written = 0;
  for (const [index, text] of characters.entries()) {
    if (index > tooLongAt && written >= totalMax) break;
    const shortened = text.slice(0, shortenedMax);
    headers.push(headerOf(shortened));
    written += shortened.length;
  }
  return headers;
}

function headerOf(characters: readonly string[]): string {
  return `299 - "${characters.join('').replace(/["\\]/g, '\\$&')}"`;
}
