/** How a member whose disk was damaged comes back without doing harm. */
import { delay, type Disk, DiskError, errorMessage } from '../../base/index.ts';
import type { VoteRequest } from '../../raft/core/index.ts';
import { AdministrationError } from '../administration.ts';
import type { Outcome } from './membership-change.ts';
import type { StoreOptions } from '../options.ts';
import { Questions } from './questions.ts';
import type { StoreMember } from '../store.ts';
import type { MembershipChange, StoreMessage } from '../transport/index.ts';

/*
 * A member whose disk was damaged has forgotten what it acknowledged and whom it voted for. Under its old vote it could
 * help to elect a leader that lacks committed entries. So it gives its vote back first: the others remove it, take it
 * as a learner with an empty log, and only when it has caught up does it vote again. A marker file in the folder
 * carries this over crashes, and says how far it is: until the others have taken the member back, nothing in the folder
 * is a store, however whole it looks. A part of a log may be an empty one.
 */
const markerName = 'rejoin';
const copying = 'copying';
const askMs = 1_000;
const pauseMs = 200;
const promotionPauseMs = 1_000;

/** The folders whose files hold the state; they are moved into `damaged`, for a later look. */
const parts = ['log', 'snapshots'] as const;

type Folder = Pick<StoreOptions, 'disk' | 'folder'>;

/**
 * How far a member with damaged data is: its files are being set aside, or it has given its vote back and copies the
 * others' state. Undefined: nothing was damaged.
 */
export async function rejoinPhase({ disk, folder }: Folder): Promise<'setting-aside' | 'copying' | undefined> {
  if (!(await disk.list(folder)).includes(markerName)) return undefined;
  const marker = await disk.open(`${folder}/${markerName}`, 'read');
  const text = new TextDecoder().decode(await marker.read(0, copying.length + 1));
  await marker.close();
  return text === copying ? 'copying' : 'setting-aside';
}

/** The others have taken the member back: what is in the folder from now on is its new copy. */
export async function beginCopy(options: Folder): Promise<void> {
  await mark(options, copying);
}

async function mark({ disk, folder }: Folder, text: string): Promise<void> {
  const marker = await disk.open(`${folder}/${markerName}`, 'create');
  await marker.write([new TextEncoder().encode(text)], 0);
  await marker.dataSync();
  await marker.close();
  await disk.syncFolder(folder);
}

/** Whether others can give this member a copy of what it lost. */
export function hasPeers(options: StoreOptions): boolean {
  return options.transport !== undefined && peersOf(options).length > 0;
}

function peersOf({ voters, learnerOf = voters, member }: StoreOptions): readonly string[] {
  return learnerOf.filter((peer) => peer !== member);
}

/** Sets the damaged files aside and notes that the member must rejoin. */
export async function setAside(options: StoreOptions, damage: unknown): Promise<void> {
  const { folder, log } = options;
  log.error('the data of this member is damaged; setting it aside to rejoin as a fresh copy', {
    folder,
    damage: errorMessage(damage),
  });
  await mark(options, errorMessage(damage));
  // What an earlier damage left there makes room: one copy is enough to look at.
  for (const part of parts) await emptyFolder(options.disk, `${folder}/damaged/${part}`);
  await moveAll(options);
}

/**
 * Sets aside what an earlier start has left of its damaged files. Its marker may stand in the page cache alone: without
 * one, an empty folder would be that of a member who has promised nothing.
 */
export async function goOnSettingAside(options: Folder): Promise<void> {
  await mark(options, 'an earlier start has found damage');
  await moveAll(options);
}

async function moveAll({ disk, folder }: Folder): Promise<void> {
  for (const part of parts) await moveFiles(disk, `${folder}/${part}`, `${folder}/damaged/${part}`);
}

async function emptyFolder(disk: Disk, folder: string): Promise<void> {
  for (const name of await disk.list(folder)) await disk.remove(`${folder}/${name}`);
}

async function moveFiles(disk: Disk, from: string, to: string): Promise<void> {
  await disk.makeFolder(to);
  for (const name of await disk.list(from)) await disk.rename(`${from}/${name}`, `${to}/${name}`);
  await disk.syncFolder(to);
  await disk.syncFolder(from);
}

/**
 * Gives the vote back and is taken as a learner. Rejects with AdministrationError `timeout` when no leader does it in
 * time.
 */
export async function becomeLearner(options: StoreOptions, withinMs: number): Promise<void> {
  const { member, transport, timers, clock, random } = options;
  const questions = new Questions({
    member,
    timers,
    send: (to, message) => {
      // Of no timeline yet: whoever leads takes it as one that joins.
      transport?.send(to, { ...message, timeline: '' });
    },
    name: () => random.uuid(),
    answer: () => Promise.reject(new AdministrationError('no-leader', `${member} is rejoining`)),
  });
  transport?.onMessage((message) => {
    if (message.type === 'answer') questions.onAnswer(message);
    else if (message.type === 'question') questions.onQuestion(message);
    else if (message.type === 'vote' && message.inquiry !== undefined)
      transport.send(message.from, testify(member, message, message.inquiry));
  });
  const deadline = clock.monotonic() + withinMs;
  for (const type of ['remove', 'add-learner'] as const) {
    while (!(await askAll(questions, options, { type, member }))) {
      if (clock.monotonic() > deadline)
        throw new AdministrationError(
          'timeout',
          `no leader took ${member} back within ${withinMs} ms; it is tried again at the next start`,
        );
      await delay(timers, pauseMs);
    }
  }
  questions.close();
}

/** Others lost entries and ask for them: this member may have had them and cannot tell. */
function testify(member: string, { from: to, term, timeline }: VoteRequest, inquiry: number): StoreMessage {
  const testimony = { type: 'damaged' } as const;
  return { type: 'vote-response', from: member, to, term, timeline, pre: true, granted: false, inquiry, testimony };
}

/** Asks each of the others; the one that leads answers. */
async function askAll(questions: Questions, options: StoreOptions, change: MembershipChange): Promise<boolean> {
  for (const peer of peersOf(options)) {
    const outcome = (await questions.ask(peer, { type: 'membership', change }, askMs).catch(() => undefined)) as
      | Outcome
      | undefined;
    // Others that are silent now may answer later; until then the vote is not given back.
    if (outcome?.type === 'refused' && outcome.code === 'silent-member') continue;
    if (outcome?.type === 'refused') throw new AdministrationError(outcome.code, outcome.message);
    if (outcome?.type === 'done') return true;
  }
  return false;
}

/** Forgets the damage: the member is a learner with an empty log, or votes again. Rejects with DiskError. */
export async function endRejoin({ disk, folder }: Pick<StoreOptions, 'disk' | 'folder'>): Promise<void> {
  await disk.remove(`${folder}/${markerName}`);
  await disk.syncFolder(folder);
}

/**
 * Asks for the vote until the member has caught up and got it; then the marker goes. Ends early when the store is
 * closed.
 */
export async function regainVote(
  options: StoreOptions,
  store: Pick<StoreMember, 'members' | 'status'>,
  closed: () => boolean,
): Promise<void> {
  const { member, timers, log } = options;
  while (!closed()) {
    try {
      await store.members.promote(member);
      await endRejoin(options);
      log.info('the member has caught up and votes again', { member });
      return;
    } catch (error) {
      if (error instanceof DiskError) log.warn('cannot delete the rejoin marker', { error: errorMessage(error) });
      await delay(timers, promotionPauseMs);
    }
  }
}
