/** Reads image references. */

/** An image reference in its parts, defaults filled in as Docker does: `nginx` is `docker.io/library/nginx:latest`. */
interface ImageReference {
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
  /** What the engine is asked for: the repository as written, then the tag or digest. */
  readonly engineName: string;
  readonly engineTag: string;
}

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const registryHost = new RegExp(`^${label}(?:\\.${label})*(?::[0-9]+)?$|^\\[[0-9a-fA-F:]+\\](?::[0-9]+)?$`);

/** Undefined when the text is no reference (the grammar of distribution/reference). */
export function parseImageReference(text: string): ImageReference | undefined {
  const [named = '', digest] = splitOnce(text, '@');
  if (digest !== undefined && !/^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/.test(digest)) return undefined;
  const slash = named.lastIndexOf('/');
  const colon = named.indexOf(':', slash + 1);
  const name = colon === -1 ? named : named.slice(0, colon);
  const tag = colon === -1 ? undefined : named.slice(colon + 1);
  if (tag !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(tag)) return undefined;
  const path = registryAndPath(name);
  if (path === undefined) return undefined;
  return {
    ...path,
    tag,
    digest,
    engineName: name,
    engineTag: digest ?? tag ?? 'latest',
  };
}

function registryAndPath(name: string): { registry: string; repository: string } | undefined {
  const [first = '', rest] = splitOnce(name, '/');
  const hasRegistry = rest !== undefined && (first.includes('.') || first.includes(':') || first === 'localhost');
  const repository = hasRegistry ? rest : name;
  if (repository.length > 255 || !repository.split('/').every((part) => component.test(part))) return undefined;
  if (!hasRegistry)
    return { registry: 'docker.io', repository: repository.includes('/') ? repository : `library/${repository}` };
  return registryHost.test(first) ? { registry: first, repository } : undefined;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
