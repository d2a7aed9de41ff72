/** The systemd unit of the cluster's process. */
import { doNotRestart, memoryEnvironment } from '../main/index.ts';

interface ServiceUnit {
  readonly cluster: string;
  /** The container engine's unit, if it has one. */
  readonly engineUnit?: string | undefined;
  /** The command that runs in the foreground, program first; paths are absolute. */
  readonly command: readonly string[];
}

/**
 * The unit's text (systemd.service(5)): started at boot, after the container engine, and restarted whenever it ends,
 * unless it ends with an exit code that a restart does not cure. Containers belong to the engine and keep running.
 */
export function serviceUnit({ cluster, engineUnit, command }: ServiceUnit): string {
  const first = ['network-online.target', ...(engineUnit === undefined ? [] : [engineUnit])].join(' ');
  return `[Unit]
Description=Troupe cluster ${cluster.replaceAll('%', '%%')}
Wants=${first}
After=${first}
StartLimitIntervalSec=0

[Service]
Environment=${memoryEnvironment}
ExecStart=${command.map(quoted).join(' ')}
Restart=always
RestartSec=1
RestartPreventExitStatus=${doNotRestart}
KillMode=mixed
TimeoutStopSec=30
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
