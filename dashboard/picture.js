/**
 * The supervision of all processes as frames describe it; the same rules as the server's src/supervision/picture.ts.
 */

const fresh = ({ process, role, startedAt, sequence, at }) => ({
  process,
  role,
  startedAt,
  sequence,
  at,
  silent: false,
  rows: new Map(),
  counts: new Map(),
  rates: new Map(),
  index: undefined,
});

export class Picture {
  processes = new Map();

  apply(frame) {
    const process = frame.reset ? fresh(frame) : this.processes.get(frame.process);
    if (process === undefined || process.startedAt !== frame.startedAt) return;
    this.processes.set(frame.process, process);
    if (frame.put || frame.gone) process.index = undefined;
    for (const address of frame.gone ?? []) {
      process.rows.delete(address);
      process.counts.delete(address);
    }
    for (const row of frame.put ?? []) process.rows.set(row.address, row);
    const seconds = Math.max(0.5, (frame.at - process.at) / 1000);
    if (!frame.silent) process.rates = new Map();
    for (const counts of frame.counts ?? []) {
      const before = process.counts.get(counts[0]);
      if (before !== undefined && counts[3] > before[3])
        process.rates.set(counts[0], (counts[3] - before[3]) / seconds);
      process.counts.set(counts[0], counts);
    }
    if (frame.figures && process.figures && !frame.reset)
      process.cpuShare = Math.max(0, (frame.figures.cpuSeconds - process.figures.cpuSeconds) / seconds);
    process.sequence = frame.sequence;
    process.at = frame.at;
    process.silent = frame.silent ?? false;
    process.figures = frame.figures ?? process.figures;
    process.previousStore = process.store;
    process.store = frame.store ?? process.store;
    process.shards = frame.shards ?? process.shards;
  }

  /** Forgets processes that the server no longer tells of; called with the names of a first tick. */
  keepOnly(names) {
    for (const name of this.processes.keys()) if (!names.has(name)) this.processes.delete(name);
  }

  sorted() {
    return [...this.processes.values()].sort(
      (a, b) => a.role.localeCompare(b.role) || a.process.localeCompare(b.process),
    );
  }
}

const naturally = new Intl.Collator('en', { numeric: true }).compare;

/**
 * Children by parent ('' for the roots), with what lies below each actor: how many, and whether something is wrong.
 * Kept until rows change.
 */
export function indexOf(process) {
  if (process.index !== undefined) return process.index;
  const children = new Map();
  for (const row of process.rows.values()) {
    const key = row.parent ?? '';
    const siblings = children.get(key);
    if (siblings === undefined) children.set(key, [row]);
    else siblings.push(row);
  }
  for (const siblings of children.values()) siblings.sort((a, b) => naturally(a.address, b.address));
  const below = new Map();
  const visit = (address) => {
    let count = 0;
    let trouble = 0;
    for (const row of children.get(address) ?? []) {
      const own = (row.restarts ?? 0) > 0 || row.state === 'backoff' || row.state === 'parked' ? 1 : 0;
      const inner = visit(row.address);
      count += 1 + inner.count;
      trouble += own + inner.trouble;
    }
    const sum = { count, trouble };
    below.set(address, sum);
    return sum;
  };
  visit('');
  process.index = { children, below };
  return process.index;
}

export const nameOf = (row) => (row.parent === undefined ? row.address : row.address.slice(row.parent.length + 1));
