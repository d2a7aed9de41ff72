/** What a joining member gets from the others, and how it gets its vote. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { delay, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import type { StoreMember } from '../../state/index.ts';
import type { MemberSecrets } from './admit-member.ts';
import {
  adminTokenOf,
  entryOf,
  type Home,
  type Place,
  StartProblem,
  storeFolderOf,
  writePrivate,
} from '../process/index.ts';
import { acceptedKeyFiles, writeAcceptedKeys } from '../keys/index.ts';

/** The exit code of a process with a problem that a restart does not cure. */
export const doNotRestart = 78;

/** Exists while a member has joined but has no vote yet; of a replica, until it has caught up. */
const joiningFile = (home: Home): string => join(home.run, 'joining');
const removedFile = (home: Home): string => join(home.run, 'removed');

export function noteJoining(home: Home): void {
  writePrivate(joiningFile(home), 'This member has joined and has not caught up yet.\n');
}

export const isJoining = (home: Home): boolean => existsSync(joiningFile(home));

export function noteRemoval(home: Home): void {
  writePrivate(removedFile(home), 'This member was removed from the cluster.\n');
}

export const wasRemoved = (home: Home): boolean => existsSync(removedFile(home));

const sharedFiles = [
  'ca.crt',
  'ca.key',
  'front-proxy-ca.crt',
  'front-proxy-ca.key',
  'service-account.key',
  'nats.json',
] as const;
/** Clusters of earlier releases have none until their authority is rotated. */
const laterFiles = ['store-ca.crt', 'store-ca.key'] as const;

/**
 * The secrets for a joining member, from the files at the time of the call; undefined where all members are on one
 * machine.
 */
export function memberSecrets(home: Home, { name, plan }: Place): MemberSecrets | undefined {
  if (entryOf({ name, plan })?.host === undefined) return undefined;
  return {
    get adminToken() {
      return adminTokenOf(home) ?? '';
    },
    get acceptedKeys() {
      return acceptedKeyFiles(home.pki);
    },
    get files() {
      const files = [...sharedFiles, ...laterFiles.filter((file) => existsSync(join(home.pki, file)))];
      return Object.fromEntries(files.map((file) => [file, readFileSync(join(home.pki, file), 'utf8')]));
    },
  };
}

/** Writes the secrets that another member gave. Throws for an incomplete bundle. */
export function writeMemberSecrets(home: Home, { files, acceptedKeys }: MemberSecrets): void {
  for (const file of sharedFiles) {
    const text = files[file];
    if (typeof text !== 'string' || text === '') throw new Error(`the cluster did not send ${file}`);
    writePrivate(join(home.pki, file), text);
  }
  for (const file of laterFiles) {
    const text = files[file];
    if (typeof text === 'string') writePrivate(join(home.pki, file), text);
  }
  writeAcceptedKeys(home.pki, acceptedKeys);
}

/** Whether this place is a replica's, which never votes. */
export const isReplica = ({ name, plan }: Pick<Place, 'name' | 'plan'>): boolean =>
  entryOf({ name, plan })?.role === 'replica';

/** The members that vote, or will once they have caught up. */
export const votersIn = ({ plan }: Pick<Place, 'plan'>): readonly string[] =>
  plan.filter(({ role }) => role !== 'replica').map(({ name }) => name);

/**
 * The founding voters of the store: none for a member that joins others, and for a replica. Throws StartProblem when
 * the store's files are gone.
 */
export function votersOf(home: Home, place: Place): readonly string[] {
  const { name, plan } = place;
  if (isReplica(place)) return [];
  const names = plan.length === 0 ? [name] : votersIn(place);
  if (plan.every(({ elsewhere }) => elsewhere !== true)) return names;
  if (isJoining(home)) return [];
  const log = join(storeFolderOf(home, name).folder, 'log');
  // A vote stands for promises kept in the log; a member that lost them must not vote.
  if (!existsSync(log) || readdirSync(log).length === 0)
    throw new StartProblem(
      `the store of ${name} is gone from ${home.data}; on another member run \`troupe member remove ${name}\`, ` +
        'then `troupe down --purge` here, and join again',
    );
  return names;
}

/** A name for the timeline that the founders begin, which no other cluster has: made of its certificate authority. */
export const foundingTimeline = (home: Home): string =>
  createHash('sha256')
    .update(readFileSync(join(home.pki, 'ca.crt')))
    .digest('hex')
    .slice(0, 16);

const pauseMs = 500;

interface VotePorts {
  readonly place: Place;
  readonly store: StoreMember;
  readonly timers: Timers;
  readonly log: Logger;
}

/** Asks for the vote of a member that joined until it has caught up and got it. A replica that serves has caught up. */
export async function takeVote(home: Home, { place, store, timers, log }: VotePorts): Promise<void> {
  const { name: member } = place;
  if (isReplica(place)) {
    rmSync(joiningFile(home), { force: true });
    return;
  }
  for (let last = ''; isJoining(home); await delay(timers, pauseMs)) {
    try {
      await store.members.promote(member);
      rmSync(joiningFile(home), { force: true });
      log.info('the member has caught up and votes', { member });
    } catch (error) {
      if (errorMessage(error) !== last) log.info('the member has no vote yet', { member, reason: errorMessage(error) });
      last = errorMessage(error);
    }
  }
}
