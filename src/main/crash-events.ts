import type { ActorSystem } from '../actors/index.ts';
import type { GroupResource } from '../api/index.ts';
import type { EventRecorder } from '../controllers/index.ts';
import type { ResourceView } from '../resources/index.ts';

export interface CrashEventPorts {
  readonly system: ActorSystem;
  readonly view: ResourceView;
  readonly events: EventRecorder;
  /** The kind whose objects are a region's actors, by the region's name. */
  readonly resources: ReadonlyMap<string, GroupResource>;
}

/** Says on an object that its actor crashed, as an Event: whoever describes the object sees why nothing happens. */
export function reportCrashes({ system, view, events, resources }: CrashEventPorts): () => void {
  return system.onCrash(({ address, messageType, error, count }) => {
    const [region = '', , ...key] = address.split('/');
    const resource = resources.get(region);
    const name = key.at(-1);
    if (resource === undefined || name === undefined) return;
    const object = view.get(resource, key.length > 1 ? key[0] : undefined, name);
    if (object !== undefined) events.event(object, 'Warning', 'ActorCrashed', `${region} failed on ${messageType} (${count} times so far) and is restarted: ${error}`);
  });
}
