/** Variables inside of commands and values: `$(NAME)`. */

/**
 * Replaces `$(NAME)` by what `lookup` knows; unknown names stay as written, `$$` is a dollar sign that starts nothing
 * (Kubernetes, "Define dependent environment variables").
 */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  if (!text.includes('$')) return text;
  let result = '';
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char !== '$' || at + 1 === text.length) {
      result += char;
      continue;
    }
    const next = text.charAt(at + 1);
    if (next === '$') {
      result += '$';
      at += 1;
      continue;
    }
    const end = next === '(' ? text.indexOf(')', at + 2) : -1;
    if (end === -1) {
      result += next === '(' ? '$(' : `$${next}`;
      at += 1;
      continue;
    }
    const name = text.slice(at + 2, end);
    result += lookup(name) ?? `$(${name})`;
    at = end;
  }
  return result;
}
