/** The systemd unit of the cluster's process. */
import { doNotRestart, memoryEnvironment } from '../main/index.ts';

interface ServiceUnit {
  readonly cluster: string;
  /** The container engine's unit, if it has one. */
  readonly engineUnit?: string | undefined;
  /** The command that runs in the foreground, program first; paths are absolute. */
  readonly command: readonly string[];
  /** The command that ends the node's pods while the machine goes down, and how long that takes at most. */
  readonly shutdown: { readonly command: readonly string[]; readonly seconds: number };
}

/**
 * The unit's text (systemd.service(5)): started at boot, after the container engine, and restarted whenever it ends,
 * unless it ends with an exit code that a restart does not cure. Containers belong to the engine and keep running,
 * unless the machine goes down: systemd stops the unit before the engine, and gives it the time that pods have. (A
 * kubelet delays the shutdown by an inhibitor of logind, which grants 5 seconds unless it is configured otherwise.)
 */
export function serviceUnit({ cluster, engineUnit, command, shutdown }: ServiceUnit): string {
  const first = ['network-online.target', ...(engineUnit === undefined ? [] : [engineUnit])].join(' ');
  return `[Unit]
Description=Troupe cluster ${cluster.replaceAll('%', '%%')}
Wants=${first}
After=${first}
StartLimitIntervalSec=0

[Service]
Environment=${memoryEnvironment}
ExecStart=${command.map(quoted).join(' ')}
ExecStop=-${shutdown.command.map(quoted).join(' ')}
Restart=always
RestartSec=1
RestartPreventExitStatus=${doNotRestart}
KillMode=mixed
TimeoutStopSec=${Math.max(30, shutdown.seconds)}
LimitNOFILE=1048576

[Install]
WantedBy=multi-user.target
`;
}

/** One word of a command line: specifiers (%) and variables ($) mean themselves. */
function quoted(word: string): string {
  const text = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@%+=:,./-]+$/.test(word) ? text : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
