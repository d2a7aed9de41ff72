import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Home, joinedNode, memberFlags, ownMember, plannedMembers, runtimeDriver } from '../main/index.ts';
import { keeperPid } from './keeper.ts';
import { Problem } from './problem.ts';
import { serviceUnit } from './service-unit.ts';
import type { HomeFlags, Shell } from './shell.ts';

const unitFolder = '/etc/systemd/system';

interface Unit {
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

interface ServiceFlags extends HomeFlags {
  readonly nodes?: number;
}

/** Commands by which systemd starts the cluster's process of this machine at boot and keeps it. */
export function addService(program: Command, { command, homeOf, settingsOf, whole, out }: Shell): void {
  const service = program
    .command('service')
    .description("Lets systemd start this machine's part of the cluster at boot, and keep it.");
  const unitOf = (home: Home, { nodes }: ServiceFlags): Unit => {
    const here = plannedMembers(home).filter(({ elsewhere }) => elsewhere !== true);
    if (here.length > 1)
      throw new Problem(
        `${home.folder} has ${here.length} members on this one machine, and a unit keeps one process; give each member a machine of its own (\`troupe join --role member\`)`,
      );
    if ((nodes ?? 0) > 0)
      throw new Problem(
        '--nodes starts processes beside the member, and a unit keeps one; use --nodes 0, or none for a node inside the member',
      );
    const node = joinedNode(home);
    if (node !== undefined && nodes !== undefined)
      throw new Problem(`${home.folder} is node ${node} of a cluster elsewhere; leave --nodes away`);
    const { cluster, node: nodeSettings } = settingsOf(home);
    const name = `troupe-${cluster}.service`;
    const own = [
      process.execPath,
      ...process.execArgv,
      ...(node === undefined ? memberFlags : []),
      process.argv[1] ?? '',
    ];
    return {
      name,
      file: join(unitFolder, name),
      text: serviceUnit({
        cluster,
        engineUnit: runtimeDriver(nodeSettings.runtime).systemdUnit,
        command: [
          ...own,
          'up',
          '--foreground',
          '--home',
          home.folder,
          ...(nodes === undefined ? [] : ['--nodes', String(nodes)]),
        ],
      }),
    };
  };
  const nodesOption = '--nodes <count>';
  command(service, 'show', 'Prints the unit, for other ways to install it.')
    .option(nodesOption, '0: a control plane only', whole)
    .action((flags: ServiceFlags) => {
      out(unitOf(homeOf(flags), flags).text.trimEnd());
    });
  command(service, 'install', 'Writes the unit and enables it.')
    .option(nodesOption, '0: a control plane only', whole)
    .addHelpText(
      'after',
      '\nExamples:\n  sudo troupe service install --home /var/lib/troupe\n  sudo systemctl start troupe-local',
    )
    .action((flags: ServiceFlags) => {
      const home = homeOf(flags);
      const { name, file, text } = unitOf(home, flags);
      requireSystemd();
      writeFileSync(file, text, { mode: 0o644 });
      systemctl('daemon-reload');
      systemctl('enable', file);
      const kept = keeperPid(home, joinedNode(home) ?? ownMember(home)) !== undefined;
      out(
        `Enabled ${name}: it starts at boot. ${kept ? `What runs now goes on under its own keeper; this moves it over: troupe down --keep-containers --home ${home.folder} && systemctl start ${name}` : `Now: systemctl start ${name}`}`,
      );
    });
  command(service, 'remove', 'Stops and removes the unit; the data stays, and containers run on.').action(
    (flags: HomeFlags) => {
      const { name, file } = unitOf(homeOf(flags), {});
      requireSystemd();
      if (!existsSync(file)) throw new Problem(`${file} is not there; nothing to remove`);
      systemctl('disable', '--now', name);
      rmSync(file);
      systemctl('daemon-reload');
      out(`Removed ${file}.`);
    },
  );
}

function requireSystemd(): void {
  if (!existsSync('/run/systemd/system'))
    throw new Problem(
      'systemd does not run here; `troupe service show` prints the unit, and `troupe up` keeps the processes by itself until the machine restarts',
    );
  if (process.getuid?.() !== 0) throw new Problem('units belong to root; run this with sudo');
}

function systemctl(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('systemctl', args, { encoding: 'utf8' });
  if (status !== 0)
    throw new Problem(`systemctl ${args.join(' ')}: ${stderr.trim() || `ended with ${String(status)}`}`);
}
