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
import type { HomeFlags, Shell } from './shell.ts';
import { askStore, type Door, downloadBackup } from './store-call.ts';
import { factsText, membersText, statusText, type StoreReport } from './store-table.ts';

type MemberList = Parameters<typeof membersText>[0];

/** `troupe store`: some of it asks a running member, the rest works on the files of a stopped one. */
export function addStore(program: Command, shell: Shell): void {
  const store = program.command('store').description('Looks after the store: its members, backups, and repairs.');
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
    new Option('-o, --output <format>', 'how to print').choices(['table', 'json']).default('table');
  shell
    .command(
      store,
      'status',
      "Each member's role, term, log, syncs, alarms and the hash of its state. Exit code 1 when a member is silent, a hash differs or an alarm stands.",
    )
    .addOption(format())
    .option('--no-hash', 'spare the members hashing their state')
    .addHelpText('after', '\nExamples:\n  troupe store status\n  troupe store status --no-hash -o json')
    .action(async (flags: HomeFlags & { output: string; hash: boolean }) => {
      const door = await doorOf(shell, flags);
      const report = await askStore<StoreReport>(door, 'report');
      const hash = flags.hash ? await askStore<HashComparison>(door, 'hash') : undefined;
      shell.out(
        flags.output === 'json'
          ? JSON.stringify({ ...report, ...(hash === undefined ? {} : { hash }) })
          : statusText(report, hash),
      );
      const well =
        report.members.every(({ status }) => status !== undefined && (status.alarms ?? []).length === 0) &&
        (hash === undefined || (hash.equal && hash.unanswered.length === 0));
      if (!well) process.exitCode = 1;
    });
  shell
    .command(store, 'members', 'Who belongs to the store: voters, and learners that follow without a vote.')
    .addOption(format())
    .action(async (flags: HomeFlags & { output: string }) => {
      const { members } = await askStore<{ members: MemberList }>(await doorOf(shell, flags), 'members');
      shell.out(flags.output === 'json' ? JSON.stringify(members) : membersText(members));
    });
}

const changes = [
  ['add', 'Adds a member that follows without a vote; its process may start before or after.'],
  ['promote', 'Gives a learner that has caught up its vote.'],
  ['remove', 'Removes a voter or a learner. The last voter stays.'],
  ['transfer', 'Hands the leadership to a voter.'],
] as const;

function addChanges(store: Command, shell: Shell): void {
  for (const [change, description] of changes) {
    shell
      .command(store, change, description)
      .argument('<member>', "the member's name")
      .action(async (member: string, flags: HomeFlags) => {
        const { members } = await askStore<{ members: MemberList }>(await doorOf(shell, flags), 'members', {
          change,
          member,
        });
        shell.out(membersText(members));
      });
  }
}

function addBackup(store: Command, shell: Shell): void {
  shell
    .command(
      store,
      'backup',
      'Writes the state of this moment to a file while the store serves on, and verifies the file.',
    )
    .argument('<file>')
    .option('--force', 'replace a file of that name')
    .addHelpText(
      'after',
      "\nThe file holds the cluster's objects, secrets among them: keep it like a key. The home's pki/ is not in it; keep a copy of that too.\n\nExamples:\n  troupe store backup /var/backups/troupe-$(date +%F)",
    )
    .action(async (file: string, flags: HomeFlags & { force?: boolean }) => {
      if (existsSync(file) && flags.force !== true)
        throw new Problem(`${file} exists already; choose another name or add --force`);
      const report = await downloadBackup(await doorOf(shell, flags), file, progressOn(shell.say));
      shell.out(`${file} is whole.\n${backupText(report)}`);
    });
}

/** Says now and then how far a long transfer is. */
function progressOn(say: (text: string) => void): (bytes: number) => void {
  const stepBytes = 64 * 1024 * 1024;
  let told = 0;
  return (bytes) => {
    if (bytes - told < stepBytes) return;
    told = bytes;
    say(`${Math.round(bytes / 1024 / 1024)} MiB`);
  };
}

function addCompact(store: Command, shell: Shell): void {
  shell
    .command(
      store,
      'compact',
      'Ends the past: older revisions are no longer readable, watches from before get 410, and log and memory are freed.',
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
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('a whole number from 1 on is wanted.');
  return Number(text);
}

function addVerify(store: Command, shell: Shell): void {
  shell
    .command(
      store,
      'verify',
      'Reads a backup, or without a file the stores of this stopped home, whole: every checksum, and the hash of the state. Changes nothing.',
    )
    .argument('[file]', 'a backup')
    .action(async (file: string | undefined, flags: HomeFlags) => {
      if (file !== undefined) {
        if (!existsSync(file)) throw new Problem(`there is no file ${file}`);
        shell.out(`${file} is whole.\n${backupText(await verifyBackupFile(file))}`);
        return;
      }
      const home = shell.homeOf(flags);
      const stores = storeFoldersOf(home);
      if (stores.length === 0) throw new Problem(`${home.data} holds no store`);
      for (const found of stores)
        shell.out(`The store of ${found.member} is whole.\n${folderText(await verifyStore(found))}`);
    });
}

function addRestore(store: Command, shell: Shell): void {
  shell
    .command(store, 'restore', 'Makes the store of a stopped home from a backup, which is checked whole first.')
    .argument('<file>')
    .option('--member <name>', 'whose store', 'member-1')
    .option(
      '--voters <names>',
      'all who vote in the restored store, with commas; restore the same file for each of them before any starts (default: the member alone)',
    )
    .option('--force', 'take a backup of another cluster too')
    .addHelpText(
      'after',
      '\nExamples:\n  troupe store restore /var/backups/troupe-2026-01-01 && troupe up\n  troupe store restore backup --home /var/lib/troupe --force',
    )
    .action(async (file: string, flags: HomeFlags & { member: string; voters?: string; force?: boolean }) => {
      if (!existsSync(file)) throw new Problem(`there is no file ${file}`);
      const home = shell.homeOf(flags);
      const cluster = flags.force === true ? undefined : (flags.cluster ?? shell.settingsOf(home).cluster);
      const report = await restoreStore(storeFolderOf(home, flags.member), {
        file,
        voters: flags.voters?.split(',') ?? [],
        cluster,
      });
      shell.out(`Restored into ${home.folder}.\n${backupText(report)}\nStart it with \`troupe up\`.`);
    });
}

function addRecover(store: Command, shell: Shell): void {
  shell
    .command(
      store,
      'recover',
      'The last resort when a majority of voters is lost for good: makes one stopped member of this home the only voter.',
    )
    .option('--member <name>', 'whose store, when the home holds several')
    .option('--yes-i-accept-loss', 'do it; without this the command only says what would be lost')
    .action(async (flags: HomeFlags & { member?: string; yesIAcceptLoss?: boolean }) => {
      const found = chosen(storeFoldersOf(shell.homeOf(flags)), flags.member);
      const before = await verifyStore(found);
      const warning = lossText(found, before);
      if (flags.yesIAcceptLoss !== true)
        throw new Problem(`${warning}\nNothing was changed. Add --yes-i-accept-loss to go on.`);
      shell.say(warning);
      const { term, hash, revision, adoptedEntries } = await recoverStore(found);
      shell.out(
        `${found.member} is the only voter now.\n${factsText({ term, revision, hash, 'entries adopted': adoptedEntries })}\nStart it with \`troupe up\`; the others join anew, with empty folders.`,
      );
    });
}

function chosen(stores: readonly StoreFolder[], member: string | undefined): StoreFolder {
  const found = stores.filter((store) => member === undefined || store.member === member);
  const [first] = found;
  if (first === undefined)
    throw new Problem(
      member === undefined
        ? 'this home holds no store'
        : `this home holds no store of ${member}; there are ${stores.map((store) => store.member).join(', ') || 'none'}`,
    );
  if (found.length > 1)
    throw new Problem(
      `this home holds several stores: say which one with --member (${stores.map((store) => store.member).join(', ')})`,
    );
  return first;
}

/** What recovery costs, from what the folder itself knows. */
function lossText(
  { member }: StoreFolder,
  { voters, learners, commitIndex, lastIndex, revision, keys }: FolderReport,
): string {
  const others = [...voters, ...learners].filter((name) => name !== member);
  return [
    `${member} would go on alone with what it has: revision ${revision}, ${keys} keys, log entry ${lastIndex}.`,
    'LOST: every write that was acknowledged by the others after that. Nobody can tell how many there are.',
    `COUNTED AS WRITTEN: ${lastIndex - commitIndex} entries at the end of its log of which it does not know that they were committed.`,
    others.length === 0
      ? 'It knows of no other member: if it starts by itself, do not do this.'
      : `REMOVED: ${others.join(', ')}. They must never start again with their old folders; if a majority of ${voters.join(', ')} can still be started, start it and do not do this.`,
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
