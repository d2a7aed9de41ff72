/** The store's state as tables and facts for the terminal. */
import Table from 'cli-table3';
import pc from 'picocolors';
import type { HashComparison, StoreStatus } from '../main/index.ts';

/** The answer of /troupe/api/store/report. */
export interface StoreReport {
  readonly asked: string;
  readonly members: readonly {
    readonly name: string;
    readonly role: string;
    readonly problem?: string;
    readonly status?: StoreStatus;
  }[];
}

const ms = (value: number): string => value.toFixed(1);

/** One row per member; a lag, an alarm or a difference is coloured. */
export function statusText({ members }: StoreReport, hash: HashComparison | undefined): string {
  const committed = Math.max(0, ...members.map(({ status }) => status?.commitIndex ?? 0));
  const table = new Table({
    head: [
      'member',
      'role',
      'term',
      'commit',
      'lag',
      'revision',
      'keys',
      'log MiB',
      'sync ms (last / median / longest)',
      ...(hash === undefined ? [] : [`hash at ${hash.revision}`]),
    ],
    style: { head: [], border: [] },
  });
  for (const { name, role, status, problem } of members) {
    if (status === undefined) {
      table.push([name, pc.red(`${role}, silent`), { content: problem ?? '', colSpan: hash === undefined ? 7 : 8 }]);
      continue;
    }
    const lag = committed - status.appliedIndex;
    const sync = `${ms(status.lastSyncMs)} / ${ms(status.syncMs?.median ?? 0)} / ${ms(status.syncMs?.longest ?? 0)}`;
    const shown = status.role === 'leader' ? pc.green('leader') : status.role;
    table.push([
      name,
      shown,
      status.term,
      status.commitIndex,
      lag > 0 ? pc.yellow(String(lag)) : lag,
      status.revision,
      status.keys,
      (status.logBytes / 1024 / 1024).toFixed(1),
      sync,
      ...(hash === undefined ? [] : [hash.hashes[name] ?? pc.red('none')]),
    ]);
  }
  const alarms = members.flatMap(({ name, status }) =>
    (status?.alarms ?? []).map(({ type, message }) => pc.red(`alarm on ${name}: ${type}: ${message}`)),
  );
  const verdict = hash === undefined ? [] : [verdictOf(hash)];
  return [table.toString(), ...verdict, ...alarms].join('\n');
}

function verdictOf({ equal, unanswered }: HashComparison): string {
  if (!equal) return pc.red('THE HASHES DIFFER: take a backup of each member and check their logs');
  return unanswered.length === 0 ? 'the hashes agree' : pc.red(`no hash from ${unanswered.join(', ')}`);
}

/** A member of the store as /troupe/api/store/members lists it. */
export interface ListedMember {
  readonly name: string;
  readonly role: string;
  readonly leader: boolean;
}

export function membersText(members: readonly ListedMember[]): string {
  const table = new Table({ head: ['member', 'role', 'leads'], style: { head: [], border: [] } });
  for (const { name, role, leader } of members) table.push([name, role, leader ? pc.green('yes') : '']);
  return table.toString();
}

/** One fact per line. */
export function factsText(facts: Readonly<Record<string, string | number>>): string {
  const width = Math.max(...Object.keys(facts).map((name) => name.length)) + 1;
  return Object.entries(facts)
    .map(([name, value]) => `${`${name}:`.padEnd(width)} ${value}`)
    .join('\n');
}
