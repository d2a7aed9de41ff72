/** Follows which members there are and how to reach them. */
import { errorMessage, type Logger } from '../../base/index.ts';
import { announcedMember, type Bus, type Subjects } from '../../bus/index.ts';
import { isMemberRecord, memberRecords, type MemberRecord } from '../../shards/index.ts';
import type { StoreMember } from '../../state/index.ts';
import { answerMembership, isRemoved, sayRemoved } from './removal.ts';

interface DirectoryPorts {
  readonly store: StoreMember;
  readonly bus: Bus;
  readonly subjects: Pick<Subjects, 'links' | 'membership' | 'removed'>;
  readonly log: Logger;
}

/**
 * Calls `changed` now and with each change. While this member leads, it also tells processes that announce themselves
 * that they were removed, and confirms it when they ask.
 */
export function followMembers(
  { store, bus, subjects, log }: DirectoryPorts,
  { changed }: { readonly changed: (members: readonly MemberRecord[]) => void },
): { close(): void } {
  const report = (): void => {
    try {
      changed(memberRecords(store));
    } catch (error) {
      log.error('cannot save the members of the cluster', { error: errorMessage(error) });
    }
  };
  const watch = store.onApplied((events) => {
    if (events.some(isMemberRecord)) report();
  });
  const announcements = bus.subscribe(subjects.links, ({ payload }) => {
    const name = announcedMember(payload);
    if (name === undefined || store.status().role !== 'leader') return;
    if (isRemoved(store, name)) sayRemoved(bus, subjects, name);
  });
  const questions = answerMembership({ store, bus, subjects, log });
  report();
  return {
    close: () => {
      watch.close();
      announcements.close();
      questions.close();
    },
  };
}
