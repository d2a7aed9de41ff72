/** Tells when credentials that were believed, or rights that were granted, may have gone. */
import type { Timers } from '../../base/index.ts';
import type { ObjectChange, Requester, ResourceView } from '../../resources/index.ts';

/** What happened since the last time. */
export interface RightsChange {
  /** UIDs of deleted objects that tokens were bound to. */
  readonly deleted: ReadonlySet<string>;
  /** Whether roles, bindings or Secrets that tokens may be of or bound to changed. */
  readonly rights: boolean;
  /** Whether Secrets of tokens were among them. */
  readonly secrets: boolean;
}

interface RightsListener {
  /** Whether a credential in use ends with the object of this UID. */
  isTie(uid: string): boolean;
  /** Called soon after the changes, and once more for what began on a member that had not heard of them. */
  changed(change: RightsChange): void;
}

/** Changes come in crowds. */
const settleMs = 250;
const repeatMs = 3_000;

const rbac = 'rbac.authorization.k8s.io';
const roleKinds = ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'];
const tiedKinds = new Set(['serviceaccounts', 'pods', 'nodes']);
const watched = [
  ...roleKinds.map((resource) => ({ group: rbac, resource })),
  ...[...tiedKinds, 'secrets'].map((resource) => ({ group: '', resource })),
];
const tokenSecretTypes = new Set(['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token']);

/** UIDs of the objects that a user's credential ends with: its account, and the pod or node that it is bound to. */
export function tiesOf({ uid, extra }: Requester): readonly string[] {
  const bound = ['pod', 'node'].flatMap((kind) => extra?.[`authentication.kubernetes.io/${kind}-uid`] ?? []);
  return uid === undefined ? bound : [uid, ...bound];
}

/** Follows the store's changes; nothing is looked up again and again. */
export function followRights(
  { view, timers }: { readonly view: Pick<ResourceView, 'onChange'>; readonly timers: Timers },
  listener: RightsListener,
): { close(): void } {
  let deleted = new Set<string>();
  let [rights, secrets, scheduled, closed] = [false, false, false, false];
  const tell = (): void => {
    const change: RightsChange = { deleted, rights, secrets };
    deleted = new Set();
    [rights, secrets] = [false, false];
    scheduled = false;
    const once = (): void => {
      if (!closed) listener.changed(change);
    };
    once();
    timers.after(repeatMs, once);
  };
  const unlisten = view.onChange((change) => {
    const loss = lossOf(change, listener);
    if (loss === undefined) return;
    if (typeof loss === 'object') deleted.add(loss.uid);
    else rights = true;
    if (loss === 'secrets') secrets = true;
    if (scheduled) return;
    scheduled = true;
    timers.after(settleMs, tell);
  }, watched);
  return {
    close: () => {
      closed = true;
      unlisten();
    },
  };
}

type Loss = 'rights' | 'secrets' | { readonly uid: string };

/** What the change may take away. Reads no object of what changes all the time: that would parse it. */
function lossOf(change: ObjectChange, { isTie }: RightsListener): Loss | undefined {
  const { type, facts } = change;
  const { group, resource } = change.resource;
  // What is new takes nothing away.
  if (group === rbac) return type === 'put' && change.previous === undefined ? undefined : 'rights';
  if (group !== '') return undefined;
  const index = facts?.object.index;
  if (resource === 'secrets') {
    const secretType = index?.fields['type'] ?? (change.object as { readonly type?: string }).type ?? '';
    return tokenSecretTypes.has(secretType) || goneUid(change) !== undefined ? 'secrets' : undefined;
  }
  const uid = goneUid(change);
  return tiedKinds.has(resource) && uid !== undefined && isTie(uid) ? { uid } : undefined;
}

/** The UID of an object that is no longer there. */
function goneUid({ type, facts, object, previous }: ObjectChange): string | undefined {
  const index = facts?.object.index;
  const left = index?.uid ?? object.metadata.uid;
  // A replica that jumped over changes sees the old object replaced by the new one.
  const before = facts === undefined ? previous?.metadata.uid : facts.previous?.index.uid;
  return type === 'delete' ? left : before === left ? undefined : before;
}
