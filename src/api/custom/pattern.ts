const compiled = new Map<string, RegExp | undefined>();
const compiledMax = 2_000;

/** Go's ways of writing that JavaScript has another form for. */
function translated(pattern: string): { readonly source: string; readonly flags: string } {
  let source = pattern.replace(/\\z/g, '$').replace(/\\A/g, '^').replaceAll('(?P<', '(?<').replaceAll('[[:alpha:]]', '[A-Za-z]').replaceAll('[[:alnum:]]', '[A-Za-z0-9]').replaceAll('[[:digit:]]', '\\d');
  let flags = '';
  const leading = /^\(\?([ims]+)\)/.exec(source);
  if (leading?.[1] !== undefined) {
    flags = leading[1];
    source = source.slice(leading[0].length);
  }
  return { source, flags };
}

/** A pattern of a schema as a regular expression; undefined when it is none. */
export function compilePattern(pattern: string): RegExp | undefined {
  if (compiled.has(pattern)) return compiled.get(pattern);
  const { source, flags } = translated(pattern);
  const made = tryCompile(source, `${flags}u`) ?? tryCompile(source, flags);
  if (compiled.size >= compiledMax) compiled.clear();
  compiled.set(pattern, made);
  return made;
}

function tryCompile(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}
