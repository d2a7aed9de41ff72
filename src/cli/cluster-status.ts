/** What `troupe status` shows, gathered from the home and the API. */
import { type Home, lives, type ProcessNote, readNotes } from '../main/index.ts';
import { answersReady, getJson } from './api-call.ts';

/** `troupe status -o json`. */
export interface ClusterStatus {
  readonly cluster: string;
  readonly members: readonly {
    readonly name: string;
    readonly pid: number | null;
    readonly role: string;
    readonly url: string;
    readonly leader: boolean;
    readonly ready: boolean;
  }[];
  readonly nodes: readonly { readonly name: string; readonly pid: number | null; readonly ready: boolean }[];
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

const livePid = (note: ProcessNote): number | null => (lives(note) ? note.pid : null);

/** Never fails because something is down. */
export async function clusterStatus(home: Home, cluster: string): Promise<ClusterStatus> {
  const notes = readNotes(home);
  const members = await Promise.all(
    notes
      .filter((note) => note.role === 'member')
      .map(async (note) => {
        const pid = livePid(note);
        const url = note.url ?? '';
        const ready = pid !== null && (await answersReady(home, url));
        const store = ready
          ? await getJson<{ store?: { role?: string } }>(home, url, '/troupe/api/status').catch(() => undefined)
          : undefined;
        const role = store?.store?.role ?? 'down';
        return { name: note.name, pid, role: ready ? role : 'down', url, leader: role === 'leader', ready };
      }),
  );
  return { cluster, members, nodes: await nodeStatuses(home, notes, members.find((member) => member.ready)?.url) };
}

async function nodeStatuses(
  home: Home,
  notes: readonly ProcessNote[],
  url: string | undefined,
): Promise<ClusterStatus['nodes']> {
  const ready = new Map<string, boolean>();
  if (url !== undefined) {
    const list = await getJson<NodeList>(home, url, '/api/v1/nodes').catch((): NodeList => ({ items: [] }));
    for (const node of list.items)
      ready.set(
        node.metadata.name,
        node.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ??
          false,
      );
  }
  const own = notes.flatMap((note) =>
    note.role === 'node'
      ? [{ name: note.name, pid: livePid(note) }]
      : note.node === undefined
        ? []
        : [{ name: note.node, pid: livePid(note) }],
  );
  const elsewhere = [...ready.keys()]
    .filter((name) => !own.some((node) => node.name === name))
    .map((name) => ({ name, pid: null }));
  return [...own, ...elsewhere].map((node) => ({ ...node, ready: ready.get(node.name) ?? false }));
}
