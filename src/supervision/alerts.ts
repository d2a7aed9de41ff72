/** What an operator should look at now, and since when. */
import type { StoreAlarm } from '../state/index.ts';
import type { Alert } from './frame.ts';
import type { Picture, ProcessPicture } from './picture.ts';

/** What the API says of nodes and pods, as far as alerts need it. */
export interface ClusterFacts {
  /** `namespace/name` -> why its container does not stay up. */
  readonly crashLooping: ReadonlyMap<string, string>;
  readonly nodesNotReady: ReadonlySet<string>;
  readonly nodesUnderPressure: ReadonlyMap<string, string>;
}

type Finding = Omit<Alert, 'since'>;

/** Restarts of one actor within a minute that are a storm. */
const stormRestarts = 5;
/** Entries that a member may lie behind the leader. */
const lagEntriesMax = 1_000;
const diskFreeShareMin = 0.1;
const namesMax = 5;

const named = (names: readonly string[]): string =>
  names.length <= namesMax
    ? names.join(', ')
    : `${names.slice(0, namesMax).join(', ')} and ${names.length - namesMax} more`;

/** What whoever looks has seen over time. */
interface Watched {
  /** actor -> restarts in the last minute. */
  readonly storms: ReadonlyMap<string, number>;
  /** It has listened for so long that every process that lives was heard. */
  readonly settled: boolean;
}

/** Everything that an operator should look at now. */
export function findings(picture: Picture, facts: ClusterFacts, { storms, settled }: Watched): Finding[] {
  const processes = [...picture.processes.values()];
  return [
    ...(settled ? quorum(processes) : []),
    ...silence(processes),
    ...lag(processes),
    ...disks(processes),
    ...alarms(processes),
    ...stormFindings(storms),
    ...workload(facts),
  ];
}

function quorum(processes: readonly ProcessPicture[]): Finding[] {
  const voters =
    processes.find(({ store, silent }) => !silent && store?.role === 'leader')?.store?.voters ??
    processes.find(({ store }) => store?.voters !== undefined)?.store?.voters ??
    [];
  const heard = processes.filter(
    ({ process, silent, store }) => !silent && store !== undefined && voters.includes(process),
  ).length;
  const needed = Math.floor(voters.length / 2) + 1;
  if (heard < needed && voters.length > 0)
    return [
      {
        id: 'quorum-lost',
        severity: 'critical',
        title: 'The store has no quorum',
        detail:
          `${heard} of ${voters.length} voters are heard, ${needed} are needed: writes are refused until another ` +
          'member is back.',
      },
    ];
  if (voters.length < 2 || heard > needed || heard === voters.length) return [];
  return [
    {
      id: 'quorum-at-risk',
      severity: 'critical',
      title: 'Quorum at risk',
      detail:
        `${heard} of ${voters.length} voters are heard. The loss of one more member stops all writes; bring the ` +
        'missing one back.',
    },
  ];
}

function silence(processes: readonly ProcessPicture[]): Finding[] {
  return processes
    .filter(({ silent }) => silent)
    .map(({ process, role }) => ({
      id: `silent/${process}`,
      severity: 'warning',
      title: `${role === 'member' ? 'Member' : 'Node agent'} ${process} is silent`,
      detail:
        role === 'member'
          ? 'Its process has ended or cannot be reached.'
          : 'Its process has ended or cannot be reached. Its containers run on; nobody looks after them.',
    }));
}

function lag(processes: readonly ProcessPicture[]): Finding[] {
  const commit = Math.max(0, ...processes.map(({ store, silent }) => (silent ? 0 : (store?.commitIndex ?? 0))));
  return processes
    .filter(({ store, silent }) => !silent && store !== undefined && commit - store.appliedIndex > lagEntriesMax)
    .map(({ process, store }) => ({
      id: `lagging/${process}`,
      severity: 'warning',
      title: `Member ${process} lags behind`,
      detail:
        `It is ${commit - (store?.appliedIndex ?? 0)} entries behind the newest commit: its reads are old. Look at ` +
        'its disk and its network.',
    }));
}

function disks(processes: readonly ProcessPicture[]): Finding[] {
  return processes.flatMap(({ process, figures }): Finding[] => {
    const { diskFreeBytes, diskBytes } = figures ?? {};
    if (diskFreeBytes === undefined || diskBytes === undefined || diskFreeBytes >= diskBytes * diskFreeShareMin)
      return [];
    const percent = Math.round((100 * diskFreeBytes) / diskBytes);
    return [
      {
        id: `disk/${process}`,
        severity: percent < 3 ? 'critical' : 'warning',
        title: `The disk of ${process} is nearly full`,
        detail: `${percent} % is free. When it is full, writes are refused until space is free again.`,
      },
    ];
  });
}

const alarmTitles: ReadonlyMap<string, string> = new Map<StoreAlarm['type'], string>([
  ['quota', 'A quota of the store is used up'],
  ['disk-full', 'The disk of the store is full'],
  ['foreign-member', 'A member is of another timeline'],
  ['owed-entries', 'A disk lost the newest of the log'],
]);

/** What members' stores report themselves. */
function alarms(processes: readonly ProcessPicture[]): Finding[] {
  return processes
    .filter(({ silent }) => !silent)
    .flatMap(({ process, store }) =>
      (store?.alarms ?? []).map(({ type, message }, i): Finding => ({
        id: `store/${process}/${type}/${i}`,
        severity: 'critical',
        // A member of a newer version may know more types.
        title: `${process}: ${alarmTitles.get(type) ?? type}`,
        detail: message,
      })),
    );
}

function stormFindings(storms: ReadonlyMap<string, number>): Finding[] {
  return [...storms]
    .filter(([, count]) => count >= stormRestarts)
    .map(([actor, count]) => ({
      id: `storm/${actor}`,
      severity: 'warning',
      title: `${actor} restarts again and again`,
      detail: `${count} restarts in the last minute. Its last crash in the tree says why.`,
    }));
}

function workload({ crashLooping, nodesNotReady, nodesUnderPressure }: ClusterFacts): Finding[] {
  const found: Finding[] = [];
  if (crashLooping.size > 0)
    found.push({
      id: 'crash-looping',
      severity: 'warning',
      title: `${crashLooping.size} ${crashLooping.size === 1 ? 'pod does' : 'pods do'} not stay up`,
      detail: named([...crashLooping].map(([pod, why]) => `${pod} (${why})`)),
    });
  if (nodesNotReady.size > 0)
    found.push({
      id: 'nodes-not-ready',
      severity: 'critical',
      title: `${nodesNotReady.size} ${nodesNotReady.size === 1 ? 'node is' : 'nodes are'} not ready`,
      detail: named([...nodesNotReady]),
    });
  for (const [node, why] of nodesUnderPressure)
    found.push({ id: `pressure/${node}`, severity: 'warning', title: `Node ${node} is under pressure`, detail: why });
  return found;
}

/** Alerts keep the time of their first finding; what differs from the last call is news. */
export class AlertBook {
  #alerts = new Map<string, Alert>();

  get all(): readonly Alert[] {
    return [...this.#alerts.values()];
  }

  /** Takes the findings of now; `changed` also when only a text did. */
  update(
    found: readonly Finding[],
    now: number,
  ): { readonly raised: readonly Alert[]; readonly cleared: readonly Alert[]; readonly changed: boolean } {
    const next = new Map(
      found.map((finding) => [finding.id, { ...finding, since: this.#alerts.get(finding.id)?.since ?? now }]),
    );
    const raised = [...next.values()].filter(({ id }) => !this.#alerts.has(id));
    const cleared = this.all.filter(({ id }) => !next.has(id));
    const changed =
      raised.length + cleared.length > 0 ||
      [...next.values()].some(
        ({ id, detail, severity }) =>
          detail !== this.#alerts.get(id)?.detail || severity !== this.#alerts.get(id)?.severity,
      );
    this.#alerts = next;
    return { raised, cleared, changed };
  }
}
