/** Publishes every applied change on the change feed. */
import type { KubeObject } from '../../api/index.ts';
import { limits } from '../../base/index.ts';
import type { Bus, Subjects } from '../../bus/index.ts';
import type { Store, StoreEvent } from '../../state/index.ts';
import { utf8 } from '../request.ts';
import type { Audience } from './feed-audience.ts';

interface FeedPorts {
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly store: Store;
  /** Absent: somebody is always taken to listen. */
  readonly audience?: Pick<Audience, 'present'> | undefined;
}

/**
 * The change feed: every applied change is published on its object's event subject, `{"type", "object"}` made from the
 * record's bytes. The leader alone publishes, so that each change is told once. It is a notice, at most once: who must
 * not miss one watches.
 *
 * Who hears the feed is decided by the NATS server's permissions alone, not by RBAC; so what is secret is never on it:
 * of a Secret, as of an object too large for one message, only its identity is told (kind, name, namespace, uid,
 * resourceVersion).
 */
export function startChangeFeed(ports: FeedPorts): { close(): void } {
  const feed = ports.store.onApplied((events) => {
    if (ports.audience?.present === false || ports.store.status().role !== 'leader') return;
    for (const event of events) publish(ports, event);
  });
  return {
    close: () => {
      feed.close();
    },
  };
}

/** Leaves room for what stands around the object. */
const objectBytesMax = limits.busPayloadBytesMax - 1024;
const heads = {
  ADDED: utf8('{"type":"ADDED","object":'),
  MODIFIED: utf8('{"type":"MODIFIED","object":'),
  DELETED: utf8('{"type":"DELETED","object":'),
};

function publish({ bus, subjects }: { readonly bus: Bus; readonly subjects: Subjects }, event: StoreEvent): void {
  const [, group = '', resource = '', ...rest] = event.record.key.split('/');
  const name = rest.at(-1);
  // Keys of the store's own books (allocations, ownership) are no objects.
  if (name === undefined || rest.length > 2 || event.record.index.uid === '') return;
  const head = heads[event.type === 'delete' ? 'DELETED' : event.previous === undefined ? 'ADDED' : 'MODIFIED'];
  const bytes = contentOf(event, group, resource);
  const payload = new Uint8Array(head.byteLength + bytes.byteLength + 1);
  payload.set(head, 0);
  payload.set(bytes, head.byteLength);
  payload[payload.byteLength - 1] = 0x7d;
  bus.publish(
    subjects.event(group === 'core' ? '' : group, resource, {
      namespace: rest.length === 2 ? rest[0] : undefined,
      name,
    }),
    payload,
  );
}

function contentOf({ record }: StoreEvent, group: string, resource: string): Uint8Array {
  const secret = group === 'core' && resource === 'secrets';
  if (!secret && record.bytes.byteLength < objectBytesMax) return record.bytes;
  const {
    kind,
    apiVersion,
    metadata: { name, namespace, uid, resourceVersion },
  } = record.object<KubeObject>();
  return utf8(JSON.stringify({ kind, apiVersion, metadata: { name, namespace, uid, resourceVersion } }));
}
