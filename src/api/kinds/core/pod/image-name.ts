/** Parses image references. */

const domainPart = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const domain = `(?:${domainPart}(?:\\.${domainPart})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const pathPart = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const reference = new RegExp(
  `^(?:(${domain})/)?(${pathPart}(?:/${pathPart})*)(?::(\\w[\\w.-]{0,` +
    '127}))?(@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$',
);

/**
 * The tag of an image reference: `latest` when it names neither tag nor digest, '' when it has only a digest or cannot
 * be parsed.
 */
export function imageTag(image: string): string {
  const parts = reference.exec(image);
  if (parts === null) return '';
  if (parts[3] !== undefined) return parts[3];
  return parts[4] === undefined ? 'latest' : '';
}
