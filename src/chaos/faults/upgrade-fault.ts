/** A cluster goes from the last tagged version to this one, machine by machine, with its data and running pods. */
import { readFileSync } from 'node:fs';
import { delay } from '../../base/index.ts';
import { Impossible } from '../targets/target.ts';
import { type BeginFault, type Effect, type FaultContext, homeOf, once } from './fault.ts';

const wellMs = 90_000;
const pollMs = 250;

export const rollingUpgrade: BeginFault = async (context): Promise<Effect> => {
  const [home, { upgrade }] = [homeOf(context), context.target];
  if (upgrade === undefined) throw new Impossible('this cluster was not begun with an earlier version');
  if (typeof upgrade === 'string') throw new Impossible(upgrade);
  const { from, command } = upgrade;
  const names = home.members();
  const before = await containersOf(context);
  home.use(command);
  for (const name of names) {
    const at = home.homeOf(name);
    const nodes = at === home.home ? home.nodes().length : 0;
    for (const args of [
      ['down', '--keep-containers'],
      ['up', '--nodes', String(nodes)],
    ]) {
      const { status, stderr } = await home.troupe(args, { at });
      if (status !== 0) throw new Error(`${name} was not upgraded: troupe ${args.join(' ')}: ${stderr.trim()}`);
    }
    await untilWell(context, name);
  }
  const program = command.program.at(-1) ?? '';
  const old = home.pids().filter((pid) => !commandLine(pid).includes(program));
  if (old.length > 0) throw new Error(`processes ${old.join(', ')} still run the earlier program`);
  return once(names.join(', '), `all processes run this version, no longer ${from}; ${await ranOn(context, before)}`);
};

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

async function untilWell({ target, timers, now }: FaultContext, after: string): Promise<void> {
  const end = now() + wellMs;
  for (;;) {
    const complaints = await target.complaints();
    if (complaints.length === 0) return;
    if (now() > end) throw new Error(`the cluster is not well after ${after}: ${complaints.join(', ')}`);
    await delay(timers, pollMs);
  }
}

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly status?: { readonly containerStatuses?: readonly { readonly containerID?: string }[] };
}

/** The containers of the run's pods that run, by the pods' uids. */
async function containersOf({ api, namespace }: FaultContext): Promise<ReadonlyMap<string, string>> {
  const { items } = await api.must<{ readonly items: readonly Pod[] }>({
    path: `/api/v1/namespaces/${namespace}/pods`,
  });
  return new Map(
    items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata, status }): [string, string] => {
        const ids = (status?.containerStatuses ?? []).flatMap(({ containerID }) => containerID ?? []);
        return [metadata.uid, ids.join(' ')];
      })
      .filter(([, ids]) => ids !== ''),
  );
}

/** What is known of the pods that were there before and still are. Rejects when their containers were started anew. */
async function ranOn(context: FaultContext, before: ReadonlyMap<string, string>): Promise<string> {
  if (context.target.facts.runtime === 'simulated') return 'its containers are simulated, and end with their agent';
  const after = await containersOf(context);
  const there = [...before].filter(([uid]) => after.has(uid));
  const anew = there.filter(([uid, ids]) => after.get(uid) !== ids);
  if (anew.length > 0) throw new Error(`${anew.length} of ${there.length} pods had their containers started anew`);
  return `${there.length} pods ran on in the same containers`;
}
