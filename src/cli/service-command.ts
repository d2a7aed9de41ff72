/** `troupe service`: lets systemd start the cluster's process of this machine at boot and restart it. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  type Home,
  joinedNode,
  memberFlags,
  ownMember,
  plannedMembers,
  runtimeDriver,
  shutdownMsMax,
  shutdownSteps,
} from '../main/index.ts';
import { keeperPid } from './keeper.ts';
import { Problem } from './problem.ts';
import { serviceUnit } from './service-unit.ts';
import { examples, type HomeFlags, type Shell } from './shell.ts';

const unitFolder = '/etc/systemd/system';

interface Unit {
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

interface ServiceFlags extends HomeFlags {
  readonly nodes?: number;
}

export function addService(program: Command, shell: Shell): void {
  const service = program
    .command('service')
    .description("Lets systemd start this machine's part of the cluster at boot and restart it.");
  addShow(service, shell);
  addInstall(service, shell);
  addRemove(service, shell);
}

const nodesOption = ['--nodes <count>', '0: a control plane only'] as const;

function addShow(service: Command, shell: Shell): void {
  shell
    .command(service, 'show', 'Prints the systemd unit, to install it by other means.')
    .option(...nodesOption, shell.whole)
    .action((flags: ServiceFlags) => {
      shell.out(unitOf(shell, flags).text.trimEnd());
    });
}

function addInstall(service: Command, shell: Shell): void {
  shell
    .command(service, 'install', 'Writes the systemd unit and enables it.')
    .option(...nodesOption, shell.whole)
    .addHelpText(
      'after',
      examples('sudo troupe service install --home /var/lib/troupe', 'sudo systemctl start troupe-local'),
    )
    .action((flags: ServiceFlags) => {
      const home = shell.homeOf(flags);
      const { name, file, text } = unitOf(shell, flags);
      requireSystemd();
      writeFileSync(file, text, { mode: 0o644 });
      systemctl('daemon-reload');
      systemctl('enable', file);
      const running = keeperPid(home, joinedNode(home) ?? ownMember(home)) !== undefined;
      const handOver =
        'The running process stays under its own keeper; to hand it to systemd: ' +
        `troupe down --keep-containers --home ${home.folder} && systemctl start ${name}`;
      shell.out(
        `Enabled ${name}: it starts at boot. ${running ? handOver : `To start it now: systemctl start ${name}`}`,
      );
    });
}

function addRemove(service: Command, shell: Shell): void {
  shell
    .command(service, 'remove', 'Stops and removes the unit; data stays and containers keep running.')
    .action((flags: HomeFlags) => {
      const { name, file } = unitOf(shell, flags);
      requireSystemd();
      if (!existsSync(file)) throw new Problem(`${file} does not exist; there is nothing to remove`);
      systemctl('disable', '--now', name);
      rmSync(file);
      systemctl('daemon-reload');
      shell.out(`Removed ${file}.`);
    });
}

function unitOf(shell: Shell, flags: ServiceFlags): Unit {
  const home = shell.homeOf(flags);
  const { nodes } = flags;
  checkOneProcess(home, nodes);
  const { cluster, node } = shell.settingsOf(home);
  const program = [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
  const name = `troupe-${cluster}.service`;
  return {
    name,
    file: join(unitFolder, name),
    text: serviceUnit({
      cluster,
      engineUnit: runtimeDriver(node.runtime).systemdUnit,
      command: [
        process.execPath,
        ...process.execArgv,
        ...(joinedNode(home) === undefined ? memberFlags : []),
        process.argv[1] ?? '',
        'up',
        '--foreground',
        '--home',
        home.folder,
        ...(nodes === undefined ? [] : ['--nodes', String(nodes)]),
      ],
      shutdown: {
        command: [...program, 'node', 'shutdown', '--if-machine-stops', '--home', home.folder],
        seconds: Math.ceil(shutdownMsMax(shutdownSteps(node)) / 1000) + 20,
      },
    }),
  };
}

/** A unit runs one process. */
function checkOneProcess(home: Home, nodes: number | undefined): void {
  const here = plannedMembers(home).filter(({ elsewhere }) => elsewhere !== true);
  if (here.length > 1)
    throw new Problem(
      `${home.folder} has ${here.length} members on this machine, and a unit runs one process; ` +
        'give each member a machine of its own (`troupe join --role member`)',
    );
  if ((nodes ?? 0) > 0)
    throw new Problem(
      '--nodes starts processes beside the member, and a unit runs one process; ' +
        'use --nodes 0, or omit --nodes for a node inside the member',
    );
  const node = joinedNode(home);
  if (node !== undefined && nodes !== undefined)
    throw new Problem(`${home.folder} is node ${node} of a cluster on other machines; omit --nodes`);
}

function requireSystemd(): void {
  if (!existsSync('/run/systemd/system'))
    throw new Problem(
      'systemd is not running here; `troupe service show` prints the unit, ' +
        'and `troupe up` restarts the processes until the machine restarts',
    );
  if (process.getuid?.() !== 0) throw new Problem('installing a unit needs root; run this with sudo');
}

function systemctl(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('systemctl', args, { encoding: 'utf8' });
  if (status !== 0)
    throw new Problem(`systemctl ${args.join(' ')}: ${stderr.trim() || `exited with ${String(status)}`}`);
}
