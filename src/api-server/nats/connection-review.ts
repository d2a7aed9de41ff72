/** Ends NATS connections whose credential or rights went. */
import { delay, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import {
  type Bus,
  connectionRequest,
  connectionSubject,
  type NatsConnections,
  type SubjectPermissions,
} from '../../bus/index.ts';
import type { ObjectChange, Requester, ResourceView } from '../../resources/index.ts';
import { isAgentName } from './connection-permissions.ts';

interface ReviewPorts {
  readonly bus: Bus;
  readonly view: ResourceView;
  readonly connections: Pick<NatsConnections, 'end'>;
  readonly timers: Timers;
  readonly log: Logger;
  /** Whether this member ends connections. */
  leads(): boolean;
  /** Whose the token is now, whatever is remembered of it; undefined: nobody's. */
  userOf(token: string): Promise<Requester | undefined>;
  permissionsOf(user: Requester): Promise<SubjectPermissions>;
}

/** What a token opened when somebody connected with it last. */
interface Admitted {
  readonly user: string;
  readonly permissions: SubjectPermissions;
  /** UIDs of the objects that the token ends with. */
  readonly ties: readonly string[];
}

/** Changes come in crowds. */
const settleMs = 250;
/** A member that had not heard of the change yet may have let somebody in. */
const repeatMs = 3_000;
/** The oldest are forgotten, hence ended with the next change of rights. */
const admittedMax = 20_000;

const rbac = 'rbac.authorization.k8s.io';
const roleKinds = ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'];
const boundKinds = ['serviceaccounts', 'pods', 'nodes'];
const watched = [
  ...roleKinds.map((resource) => ({ group: rbac, resource })),
  ...[...boundKinds, 'secrets'].map((resource) => ({ group: '', resource })),
];
const tokenSecretTypes = new Set(['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token']);

/**
 * Judges connections again when roles, bindings, accounts, or what tokens are bound to change in the store, and ends
 * those of users who may hear or send less than when they were let in: within some three seconds. Every member hears
 * the servers' questions, so each knows who is there; the leader acts. Users of whom it knows nothing (from before its
 * start) are ended with the first change of rights: who still may connects again.
 */
export function reviewConnections(ports: ReviewPorts): { close(): void } {
  const review = new ConnectionReview(ports);
  return {
    close: () => {
      review.close();
    },
  };
}

class ConnectionReview {
  readonly #ports: ReviewPorts;
  /** By token. */
  readonly #admitted = new Map<string, Admitted>();
  readonly #stop: readonly (() => void)[];
  /** UIDs of deleted objects, and whether rights changed, since the last review. */
  #deleted = new Set<string>();
  #rights = false;
  #scheduled = false;
  #closed = false;

  constructor(ports: ReviewPorts) {
    this.#ports = ports;
    const questions = ports.bus.subscribe(connectionSubject, ({ payload }) => {
      const token = connectionRequest(payload)?.token;
      if (token !== undefined) void this.#remember(token);
    });
    const unlisten = ports.view.onChange((change) => {
      this.#changed(change);
    }, watched);
    this.#stop = [
      unlisten,
      () => {
        questions.close();
      },
    ];
  }

  close(): void {
    this.#closed = true;
    for (const stop of this.#stop) stop();
  }

  async #remember(token: string): Promise<void> {
    const admitted = await this.#judge(token);
    this.#admitted.delete(token);
    if (admitted === undefined) return;
    this.#admitted.set(token, admitted);
    for (const oldest of this.#admitted.keys()) {
      if (this.#admitted.size <= admittedMax) return;
      this.#admitted.delete(oldest);
    }
  }

  /** Undefined: nobody would be let in. */
  async #judge(token: string): Promise<Admitted | undefined> {
    try {
      const user = await this.#ports.userOf(token);
      if (user === undefined) return undefined;
      const uids = ['pod', 'node'].flatMap((kind) => user.extra?.[`authentication.kubernetes.io/${kind}-uid`] ?? []);
      const ties = user.uid === undefined ? uids : [user.uid, ...uids];
      return { user: user.name, permissions: await this.#ports.permissionsOf(user), ties };
    } catch (error) {
      this.#ports.log.warn('cannot judge a NATS connection again', { error: errorMessage(error) });
      return undefined;
    }
  }

  /** Reads no object of what changes all the time: that would parse it. */
  #changed({ type, resource: { group, resource }, facts, object, previous }: ObjectChange): void {
    const index = facts?.object.index;
    if (group === rbac) {
      // What is new takes nothing away.
      if (type === 'put' && previous === undefined) return;
      this.#rights = true;
    } else if (resource === 'secrets') {
      const secretType = index?.fields['type'] ?? (object as { readonly type?: string }).type ?? '';
      if (!tokenSecretTypes.has(secretType)) return;
      this.#rights = true;
    } else {
      const uid = type === 'delete' ? (index?.uid ?? object.metadata.uid) : undefined;
      if (uid === undefined || !this.#isTie(uid)) return;
      this.#deleted.add(uid);
    }
    this.#schedule();
  }

  #isTie(uid: string): boolean {
    for (const { ties } of this.#admitted.values()) if (ties.includes(uid)) return true;
    return false;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#ports.timers.after(settleMs, () => {
      const [deleted, rights] = [this.#deleted, this.#rights];
      this.#deleted = new Set();
      this.#rights = false;
      this.#scheduled = false;
      const once = (): void => {
        if (!this.#closed && this.#ports.leads()) void this.#review(deleted, rights);
      };
      once();
      this.#ports.timers.after(repeatMs, once);
    });
  }

  async #review(deleted: ReadonlySet<string>, rights: boolean): Promise<void> {
    const fallen = new Set<string>();
    for (const [token, before] of [...this.#admitted]) {
      const concerned = before.ties.some((uid) => deleted.has(uid)) || (rights && !isAgentName(before.user));
      if (!concerned || fallen.has(before.user)) continue;
      const now = await this.#judge(token);
      if (now === undefined || loses(before.permissions, now.permissions)) fallen.add(before.user);
      await delay(this.#ports.timers, 0); // Judging many must not hold up everything else.
    }
    const known = new Set([...this.#admitted.values()].map(({ user }) => user));
    // Those who connect again are judged, and remembered, anew.
    for (const [token, { user }] of this.#admitted) if (fallen.has(user)) this.#admitted.delete(token);
    if (fallen.size > 0 || rights) await this.#end(fallen, (user) => rights && !known.has(user) && !isAgentName(user));
  }

  async #end(fallen: ReadonlySet<string>, unknown: (user: string) => boolean): Promise<void> {
    const { connections, log } = this.#ports;
    try {
      const count = await connections.end(({ user }) => user !== undefined && (fallen.has(user) || unknown(user)));
      if (count > 0) log.info('ended connections to NATS whose rights went', { users: [...fallen].join(', '), count });
    } catch (error) {
      log.warn('cannot end connections to NATS', { users: [...fallen].join(', '), error: errorMessage(error) });
    }
  }
}

function loses(before: SubjectPermissions, now: SubjectPermissions): boolean {
  return (
    before.subscribe.some((subject) => !now.subscribe.includes(subject)) ||
    before.publish.some((subject) => !now.publish.includes(subject))
  );
}
