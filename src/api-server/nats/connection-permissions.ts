/** Which NATS subjects a user may use. */
import type { ResourceInfo } from '../../api/index.ts';
import { inboxPrefixOf, type Subjects, type SubjectPermissions } from '../../bus/index.ts';
import type { Requester } from '../../resources/index.ts';
import { type Authorizer, mastersGroup, nodesGroup } from '../auth/index.ts';

const nodePrefix = 'system:node:';

/** Whether the name is one of an agent. */
export const isAgentName = (name: string): boolean => name.startsWith(nodePrefix);

/** The node that the user is an agent of. */
export function nodeOf(user: Requester): string | undefined {
  return user.groups.includes(nodesGroup) && isAgentName(user.name) ? user.name.slice(nodePrefix.length) : undefined;
}

interface PermissionPorts {
  readonly subjects: Subjects;
  readonly authorize: Authorizer;
  readonly resources: readonly ResourceInfo[];
}

/**
 * The subjects that a user may use, besides answering what it received. Pure. Nobody hears what it may publish: the
 * servers let it publish to the reply subject of whatever it receives, so a message to itself would open any subject.
 *
 *   everyone            publishes to `api` and, but for agents, to `participants` (each request is judged by its own
 *                       token); subscribes to their own inboxes, and to which member fell silent
 *   a node's agent      hears its own node's streams, publishes their frames, its usage and its renewals, and reports
 *                       its own actors
 *   watchers of a kind  subscribe to that kind's change feed, if they may watch it in all namespaces: the feed's
 *                       subjects can be subscribed to across namespaces, so others watch through `api`. Nobody with an
 *                       agent's name hears the feed, by which one knows when nobody can (feed-audience.ts)
 *   masters             subscribe to the whole feed and to any inbox (they may read everything anyway, and need no
 *                       prefix), and ask the actors of resources, which judge nobody's rights by themselves
 */
export async function connectionPermissions(
  { subjects, authorize, resources }: PermissionPorts,
  user: Requester,
): Promise<SubjectPermissions> {
  const own = `${inboxPrefixOf(user.name)}.>`;
  const gone = subjects.gone('*');
  const node = nodeOf(user);
  // An agent's name alone makes no agent: the answers to that node are not for who has it without the group.
  if (node === undefined && isAgentName(user.name) && !user.groups.includes(mastersGroup))
    return { publish: [subjects.api], subscribe: [gone] };
  if (node !== undefined) {
    return {
      publish: [
        subjects.api,
        `${subjects.nodeDoor(node, '')}>`,
        subjects.nodeUsage(node),
        subjects.nodeRenewal(node),
        subjects.tree(node),
      ],
      subscribe: [own, gone, subjects.nodeStream(node), subjects.treeReset(node), subjects.treeControl(node)],
    };
  }
  if (user.groups.includes(mastersGroup))
    return {
      publish: [subjects.api, subjects.participants, subjects.actors],
      subscribe: ['_INBOX.>', gone, ...(isAgentName(user.name) ? [] : [subjects.events()])],
    };
  const watched = new Map<string, ResourceInfo>();
  for (const info of isAgentName(user.name) ? [] : resources)
    if (await mayWatch(authorize, user, info)) watched.set(`${info.group}/${info.resource}`, info);
  return {
    publish: [subjects.api, subjects.participants],
    subscribe: [own, gone, ...[...watched.values()].map((info) => subjects.events(info))],
  };
}

async function mayWatch(authorize: Authorizer, user: Requester, info: ResourceInfo): Promise<boolean> {
  const common = {
    user,
    isResource: true,
    group: info.group,
    version: info.version,
    resource: info.resource,
    subresource: '',
    namespace: '',
    name: '',
    path: '',
  };
  if (!info.verbs.includes('watch')) return false;
  const [watch, list] = [await authorize({ ...common, verb: 'watch' }), await authorize({ ...common, verb: 'list' })];
  return watch.allowed && list.allowed;
}
