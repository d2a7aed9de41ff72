/** `troupe store`: asks a running member, or works on the files of a stopped one. */
import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type BackupReport,
  type FolderReport,
  type HashComparison,
  recoverStore,
  restoreStore,
  type StoreFolder,
  storeFolderOf,
  storeFoldersOf,
  verifyBackupFile,
  verifyStore,
} from '../main/index.ts';
import { Problem } from './problem.ts';
import { examples, type HomeFlags, type Shell } from './shell.ts';
import { askStore, type Door, downloadBackup } from './store-call.ts';
import { factsText, type ListedMember, membersText, statusText, type StoreReport } from './store-table.ts';

export function addStore(program: Command, shell: Shell): void {
  const store = program.command('store').description('Manages the store: its members, backups and repairs.');
  addStatus(store, shell);
  addChanges(store, shell);
  addBackup(store, shell);
  addCompact(store, shell);
  addVerify(store, shell);
  addRestore(store, shell);
  addRecover(store, shell);
}

async function doorOf(shell: Shell, flags: HomeFlags): Promise<Door> {
  const home = shell.homeOf(flags);
  return { home, url: await shell.servingUrl(home) };
}

function addStatus(store: Command, shell: Shell): void {
  const format = (): Option =>
    new Option('-o, --output <format>', 'output format').choices(['table', 'json']).default('table');
  shell
    .command(
      store,
      'status',
      "Shows each member's role, term, log, sync times, alarms and state hash. " +
        'Exits 1 when a member is silent, a hash differs or an alarm is raised.',
    )
    .addOption(format())
    .option('--no-hash', 'do not hash the state')
    .addHelpText('after', examples('troupe store status', 'troupe store status --no-hash -o json'))
    .action(async (flags: HomeFlags & { output: string; hash: boolean }) => {
      const door = await doorOf(shell, flags);
      const report = await askStore<StoreReport>(door, 'report');
      const hash = flags.hash ? await askStore<HashComparison>(door, 'hash') : undefined;
      shell.out(flags.output === 'json' ? JSON.stringify({ ...report, hash }) : statusText(report, hash));
      const well =
        report.members.every(({ status }) => status !== undefined && (status.alarms ?? []).length === 0) &&
        (hash === undefined || (hash.equal && hash.unanswered.length === 0));
      if (!well) process.exitCode = 1;
    });
  shell
    .command(store, 'members', 'Lists the members of the store: voters, and learners that follow without a vote.')
    .addOption(format())
    .action(async (flags: HomeFlags & { output: string }) => {
      const { members } = await askStore<{ members: readonly ListedMember[] }>(await doorOf(shell, flags), 'members');
      shell.out(flags.output === 'json' ? JSON.stringify(members) : membersText(members));
    });
}

const changes = [
  ['add', 'Adds a learner, a member that follows without a vote; its process may start before or after.'],
  ['promote', 'Gives a learner that has caught up a vote.'],
  ['remove', 'Removes a voter or a learner; the last voter stays.'],
  ['transfer', 'Transfers the leadership to a voter.'],
] as const;

function addChanges(store: Command, shell: Shell): void {
  for (const [change, description] of changes) {
    shell
      .command(store, change, description)
      .argument('<member>', "the member's name")
      .action(async (member: string, flags: HomeFlags) => {
        const { members } = await askStore<{ members: readonly ListedMember[] }>(
          await doorOf(shell, flags),
          'members',
          {
            change,
            member,
          },
        );
        shell.out(membersText(members));
      });
  }
}

function addBackup(store: Command, shell: Shell): void {
  shell
    .command(store, 'backup', 'Writes the current state to a file, without downtime, and verifies the file.')
    .argument('<file>')
    .option('--force', 'replace an existing file')
    .addHelpText(
      'after',
      "\nThe file holds the cluster's objects, Secrets included: protect it like a private key. " +
        "It does not hold the home's pki/; keep a copy of that too.\n" +
        examples('troupe store backup /var/backups/troupe-$(date +%F)'),
    )
    .action(async (file: string, flags: HomeFlags & { force?: boolean }) => {
      if (existsSync(file) && flags.force !== true)
        throw new Problem(`${file} already exists; choose another name or add --force`);
      const report = await downloadBackup(await doorOf(shell, flags), file, progressOn(shell.say));
      shell.out(`${file} is intact.\n${backupText(report)}`);
    });
}

/** Reports the progress of a long transfer, every 64 MiB. */
function progressOn(say: (text: string) => void): (bytes: number) => void {
  const stepBytes = 64 * 1024 * 1024;
  let reported = 0;
  return (bytes) => {
    if (bytes - reported < stepBytes) return;
    reported = bytes;
    say(`${Math.round(bytes / 1024 / 1024)} MiB`);
  };
}

function addCompact(store: Command, shell: Shell): void {
  shell
    .command(
      store,
      'compact',
      'Discards old revisions and frees log and memory; reads and watches of discarded revisions get 410.',
    )
    .option('--revision <revision>', 'the oldest revision that stays readable (default: the newest)', wholeNumber)
    .action(async (flags: HomeFlags & { revision?: number }) => {
      const { oldestRevision } = await askStore<{ oldestRevision: number }>(
        await doorOf(shell, flags),
        'compact',
        flags.revision === undefined ? {} : { revision: flags.revision },
      );
      shell.out(`The oldest readable revision is ${oldestRevision}.`);
    });
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('expected a positive integer.');
  return Number(text);
}

function addVerify(store: Command, shell: Shell): void {
  shell
    .command(
      store,
      'verify',
      'Verifies a backup, or without a file the stores of this stopped home: ' +
        'every checksum, and the hash of the state. Changes nothing.',
    )
    .argument('[file]', 'a backup')
    .action(async (file: string | undefined, flags: HomeFlags) => {
      if (file !== undefined) {
        if (!existsSync(file)) throw new Problem(`there is no file ${file}`);
        shell.out(`${file} is intact.\n${backupText(await verifyBackupFile(file))}`);
        return;
      }
      const home = shell.homeOf(flags);
      const stores = storeFoldersOf(home);
      if (stores.length === 0) throw new Problem(`${home.data} holds no store`);
      for (const found of stores)
        shell.out(`The store of ${found.member} is intact.\n${folderText(await verifyStore(found))}`);
    });
}

interface RestoreFlags extends HomeFlags {
  readonly member: string;
  readonly voters?: string | undefined;
  readonly timeline?: string | undefined;
  readonly force?: boolean | undefined;
}

function addRestore(store: Command, shell: Shell): void {
  shell
    .command(store, 'restore', 'Restores the store of a stopped home from a backup, after verifying it.')
    .argument('<file>')
    .option('--member <name>', 'whose store', 'member-1')
    .option(
      '--voters <names>',
      'voters of the restored store, separated by commas; ' +
        'restore the same file for each of them before any starts (default: the member alone)',
    )
    .option(
      '--timeline <name>',
      'name of the timeline that begins: needed with several voters, new, and the same for each (default: drawn)',
    )
    .option('--force', 'accept a backup of another cluster')
    .addHelpText(
      'after',
      examples(
        'troupe store restore /var/backups/troupe-2026-01-01 && troupe up',
        'troupe store restore backup --home /var/lib/troupe --force',
      ),
    )
    .action(async (file: string, flags: RestoreFlags) => {
      if (!existsSync(file)) throw new Problem(`there is no file ${file}`);
      const home = shell.homeOf(flags);
      const cluster = flags.force === true ? undefined : (flags.cluster ?? shell.settingsOf(home).cluster);
      const report = await restoreStore(storeFolderOf(home, flags.member), {
        file,
        voters: flags.voters?.split(',') ?? [],
        cluster,
        timeline: flags.timeline,
      });
      const { timeline, continuesAt } = report;
      const facts = factsText({ timeline, 'goes on at revision': continuesAt });
      shell.out(
        `Restored into ${home.folder}.\n${backupText(report)}\n${facts}\n` +
          'Clients read everything again. Data folders of before this restore are refused: move them away.\n' +
          'Start it with `troupe up`.',
      );
    });
}

function addRecover(store: Command, shell: Shell): void {
  shell
    .command(
      store,
      'recover',
      'Last resort when a majority of voters is lost for good: ' +
        'makes one stopped member of this home the only voter.',
    )
    .option('--member <name>', 'whose store, when the home holds several')
    .option('--yes-i-accept-loss', 'do it; without this the command only reports what would be lost')
    .action(async (flags: HomeFlags & { member?: string; yesIAcceptLoss?: boolean }) => {
      const found = chosen(storeFoldersOf(shell.homeOf(flags)), flags.member);
      const before = await verifyStore(found);
      const warning = lossText(found, before);
      if (flags.yesIAcceptLoss !== true)
        throw new Problem(`${warning}\nNothing was changed. Add --yes-i-accept-loss to proceed.`);
      shell.say(warning);
      const { term, hash, revision, adoptedEntries, timeline } = await recoverStore(found);
      const facts = factsText({ term, revision, hash, timeline, 'entries adopted': adoptedEntries });
      shell.out(
        `${found.member} is the only voter now.\n${facts}\n` +
          'Start it with `troupe up`; the others join again, with empty folders.',
      );
    });
}

function chosen(stores: readonly StoreFolder[], member: string | undefined): StoreFolder {
  const found = stores.filter((store) => member === undefined || store.member === member);
  const [first] = found;
  const names = stores.map((store) => store.member).join(', ');
  if (first === undefined)
    throw new Problem(
      member === undefined
        ? 'this home holds no store'
        : `this home holds no store of ${member}; it holds those of ${names || 'nobody'}`,
    );
  if (found.length > 1) throw new Problem(`this home holds several stores; choose one with --member (${names})`);
  return first;
}

/** What recovery costs, from what the folder itself knows. */
function lossText(
  { member }: StoreFolder,
  { voters, learners, commitIndex, lastIndex, revision, keys }: FolderReport,
): string {
  const others = [...voters, ...learners].filter((name) => name !== member);
  return [
    `${member} would continue alone from what it has: revision ${revision}, ${keys} keys, log entry ${lastIndex}.`,
    'LOST: every later write that the others acknowledged. Nobody can tell how many there are.',
    `COUNTED AS WRITTEN: ${lastIndex - commitIndex} entries at the end of its log that may never have been committed.`,
    others.length === 0
      ? 'It knows of no other member: if it can start by itself, do not do this.'
      : `REMOVED: ${others.join(', ')}. They must never start again with their old folders; ` +
        `if a majority of ${voters.join(', ')} can still start, start it and do not do this.`,
  ].join('\n');
}

function backupText({ cluster, member, revision, keys, hash, bytes, takenAt }: BackupReport): string {
  return factsText({ cluster, 'taken by': member, at: new Date(takenAt).toISOString(), revision, keys, hash, bytes });
}

function folderText({ revision, keys, hash, term, commitIndex, lastIndex, voters, tornBytes }: FolderReport): string {
  return factsText({
    revision,
    keys,
    hash,
    term,
    'committed entry': commitIndex,
    'last entry': lastIndex,
    voters: voters.join(', '),
    ...(tornBytes === 0 ? {} : { 'torn bytes at the end': tornBytes }),
  });
}
