/** Lists of processors as the kernel writes them: `0-3,8`. */

/** In ascending order, each once; undefined: it is no such list. */
export function parseCpuList(text: string): readonly number[] | undefined {
  const found = new Set<number>();
  for (const part of text
    .trim()
    .split(',')
    .filter((each) => each !== '')) {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
    if (first === undefined || Number(last) < Number(first)) return undefined;
    for (let cpu = Number(first); cpu <= Number(last); cpu++) found.add(cpu);
  }
  return [...found].sort((one, other) => one - other);
}

export function cpuListText(cpus: Iterable<number>): string {
  const parts: string[] = [];
  const sorted = [...new Set(cpus)].sort((one, other) => one - other);
  for (let i = 0; i < sorted.length;) {
    let last = i;
    while (sorted[last + 1] === (sorted[last] ?? 0) + 1) last += 1;
    parts.push(last === i ? `${sorted[i]}` : `${sorted[i]}-${sorted[last]}`);
    i = last + 1;
  }
  return parts.join(',');
}
