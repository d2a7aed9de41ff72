/** Every subject of a cluster, made in one place. */

/** Every subject of a cluster, in one place (docs/ARCHITECTURE.md, "The bus"). */
export interface Subjects {
  /** The NATS door: requests for the API, one queue group over the members. */
  readonly api: string;
  /** The change feed of one object; `namespace` is `_` for cluster-wide kinds. */
  event(
    group: string,
    resource: string,
    object: { readonly namespace: string | undefined; readonly name: string },
  ): string;
  /** Where external controllers register. */
  readonly participants: string;
  /** Messages to a resource actor. */
  actor(address: string): string;
  /** All resource actors, to send to. */
  readonly actors: string;
  /** All resource actors of a shard: what its owner listens on. */
  actorsOf(shard: number): string;
  /** The address that an actor's subject names. */
  addressOf(subject: string): string;
  /** Streams (logs, exec, attach, port-forward) to a node's agent. */
  nodeStream(node: string): string;
  /** Where a node's agent sends the frames of one stream to the door; `id` is the door's choice. */
  nodeDoor(node: string, id: string): string;
  /** Where a node's agent says how much CPU and memory is in use. */
  nodeUsage(node: string): string;
  /** The reports of all nodes, to subscribe to. */
  readonly nodesUsage: string;
  /** The node that a subject of `nodeUsage` names. */
  usageNode(subject: string): string;
  /** Where a node's agent says that it renews its Lease. */
  nodeRenewal(node: string): string;
  /** The renewals of all nodes, to subscribe to. */
  readonly nodesRenewal: string;
  /** The node that a subject of `nodeRenewal` names. */
  renewalNode(subject: string): string;
  /** Everything of a node. */
  nodeAll(node: string): string;
  /** The change feed of one kind, or of all. */
  events(kind?: { readonly group: string; readonly resource: string }): string;
  /** Raft messages to a member. */
  raft(member: string): string;
  /** Where a process says that it serves under a member's name. */
  claim(member: string): string;
  /** Where members say how they are reached directly. */
  readonly links: string;
  /** News for a member about the keys of service accounts' tokens. */
  keys(member: string): string;
  /** A member hears there that it is none any more, and asks on `membership` before it believes it. */
  removed(member: string): string;
  /** Members ask there whether they were removed; the store's leader answers. */
  readonly membership: string;
  /** Everyone hears there that a member fell silent; `*` for any. What it was answering will not come. */
  gone(member: string): string;
  /** The member that a subject of `gone` names. */
  goneMember(subject: string): string;
  /** Members' heartbeats. */
  readonly alive: string;
  /** The supervision feed of a process. */
  tree(process: string): string;
  /** The supervision feeds of all processes, to subscribe to. */
  readonly trees: string;
  /** Asks a process to tell everything in its supervision feed. */
  treeReset(process: string): string;
  /** Questions to a process: restart an actor, tell of a trace, write more or less down. */
  treeControl(process: string): string;
}

/** A name as one subject token: NATS forbids dots, spaces and wildcards there. */
function token(name: string): string {
  if (!/[.*>\s%]/.test(name)) return name;
  return name.replace(/[.*>\s%]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** The name that a token stands for. */
function nameOf(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/%([0-9a-f]{2})/g, (_escape, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** The subjects below `troupe.<cluster>.`. */
export function subjectsOf(cluster: string): Subjects {
  const prefix = `troupe.${token(cluster)}`;
  return {
    api: `${prefix}.api`,
    alive: `${prefix}.alive`,
    participants: `${prefix}.participants`,
    event: (group, resource, { namespace, name }) => {
      const home = namespace === undefined ? '_' : token(namespace);
      return `${prefix}.events.${group === '' ? 'core' : token(group)}.${resource}.${home}.${token(name)}`;
    },
    actor: (address) => `${prefix}.actor.${address.split('/').map(token).join('.')}`,
    actors: `${prefix}.actor.>`,
    actorsOf: (shard) => `${prefix}.actor.*.${shard}.>`,
    addressOf: (subject) => subject.slice(`${prefix}.actor.`.length).split('.').map(nameOf).join('/'),
    nodeStream: (node) => `${prefix}.node.${token(node)}.stream`,
    nodeDoor: (node, id) => `${prefix}.node.${token(node)}.door.${token(id)}`,
    nodeUsage: (node) => `${prefix}.node.${token(node)}.usage`,
    nodesUsage: `${prefix}.node.*.usage`,
    usageNode: (subject) => nameOf(subject.slice(`${prefix}.node.`.length, -'.usage'.length)),
    nodeRenewal: (node) => `${prefix}.node.${token(node)}.renewal`,
    nodesRenewal: `${prefix}.node.*.renewal`,
    renewalNode: (subject) => nameOf(subject.slice(`${prefix}.node.`.length, -'.renewal'.length)),
    nodeAll: (node) => `${prefix}.node.${token(node)}.>`,
    events: (kind) =>
      kind === undefined
        ? `${prefix}.events.>`
        : `${prefix}.events.${kind.group === '' ? 'core' : token(kind.group)}.${kind.resource}.>`,
    raft: (member) => `${prefix}.raft.${token(member)}`,
    claim: (member) => `${prefix}.raft.${token(member)}.claim`,
    links: `${prefix}.links`,
    membership: `${prefix}.membership`,
    gone: (member) => `${prefix}.gone.${member === '*' ? member : token(member)}`,
    goneMember: (subject) => nameOf(subject.slice(`${prefix}.gone.`.length)),
    keys: (member) => `${prefix}.keys.${token(member)}`,
    removed: (member) => `${prefix}.removed.${token(member)}`,
    tree: (process) => `${prefix}.tree.${token(process)}`,
    trees: `${prefix}.tree.*`,
    treeReset: (process) => `${prefix}.tree.${token(process)}.reset`,
    treeControl: (process) => `${prefix}.tree.${token(process)}.control`,
  };
}

/**
 * Where answers to a member come to, and what steers the streams that it serves. No user's inbox is like it, whatever
 * the user's name: there, a percent sign is written as two hexadecimal digits.
 */
export function memberInboxPrefix(member: string): string {
  return `_INBOX.%${token(member)}`;
}

/** Where answers to a user come to: a client sets it as its inbox prefix, since those of others are closed to it. */
export function inboxPrefixOf(user: string): string {
  return `_INBOX.${token(user)}`;
}
