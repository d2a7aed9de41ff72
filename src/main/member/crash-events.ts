/** Reports crashes of controllers' actors as Events on their objects. */
import type { ActorSystem, CrashRecord } from '../../actors/index.ts';
import type { GroupResource } from '../../api/index.ts';
import type { EventRecorder, ResourceView } from '../../resources/index.ts';

interface CrashEventPorts {
  readonly system: ActorSystem;
  readonly view: ResourceView;
  readonly events: EventRecorder;
  /** The kind whose objects are a region's actors, by the region's name. */
  readonly resources: ReadonlyMap<string, GroupResource>;
}

/** `kubectl describe` of an object shows that its actor crashed or was parked. Returns what ends the reports. */
export function reportCrashes(ports: CrashEventPorts): () => void {
  const { system, events } = ports;
  const report = (record: CrashRecord, reason: string, what: (region: string) => string): void => {
    const found = objectOf(ports, record.address);
    if (found !== undefined) events.event(found.object, 'Warning', reason, `${what(found.region)}: ${record.error}`);
  };
  const crashed = system.onCrash((record) => {
    report(record, 'ActorCrashed', (region) => `${region} failed on ${record.messageType} and is restarted`);
  });
  const parked = system.onParked((record) => {
    report(
      record,
      'ActorParked',
      (region) =>
        `${region} spent its restarts on ${record.messageType} and rests; ` +
        `to try it at once, restart the actor ${record.address}`,
    );
  });
  return () => {
    crashed();
    parked();
  };
}

/** The object whose actor has this address, when it is a controller's. */
function objectOf(
  { view, resources }: CrashEventPorts,
  address: string,
): { readonly region: string; readonly object: unknown } | undefined {
  const [region = '', , ...key] = address.split('/');
  const resource = resources.get(region);
  const name = key.at(-1);
  if (resource === undefined || name === undefined) return undefined;
  const object = view.get(resource, key.length > 1 ? key[0] : undefined, name);
  return object === undefined ? undefined : { region, object };
}
