import { errorMessage, type Logger } from '../../base/index.ts';
import { announcedMember, type Bus, type Subjects } from '../../bus/index.ts';
import { isMemberRecord, memberRecords, type MemberRecord } from '../../shards/index.ts';
import type { StoreMember } from '../../state/index.ts';
import { sayRemoved } from './operator.ts';

export interface DirectoryPorts {
  readonly store: StoreMember;
  readonly bus: Bus;
  readonly subjects: Pick<Subjects, 'links' | 'removed'>;
  readonly log: Logger;
}

/**
 * Follows who is a member and how each is reached, for members on several machines. `changed` is called at once and
 * with each change. While this member leads, it tells processes that announce themselves and were removed meanwhile.
 */
export function followMembers(
  { store, bus, subjects, log }: DirectoryPorts,
  { changed }: { readonly changed: (members: readonly MemberRecord[]) => void },
): { close(): void } {
  const look = (): void => {
    try {
      changed(memberRecords(store));
    } catch (error) {
      log.error('what is known of the members could not be kept', { error: errorMessage(error) });
    }
  };
  const watch = store.onApplied((events) => {
    if (events.some(isMemberRecord)) look();
  });
  const announcements = bus.subscribe(subjects.links, ({ payload }) => {
    const name = announcedMember(payload);
    if (name === undefined || store.status().role !== 'leader') return;
    // A member whose disk was damaged leaves for a moment, but its record stays.
    if (![...store.members.list(), ...memberRecords(store)].some((member) => member.name === name))
      sayRemoved(bus, subjects, name);
  });
  look();
  return {
    close: () => {
      watch.close();
      announcements.close();
    },
  };
}
