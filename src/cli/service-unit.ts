import { doNotRestart, memoryEnvironment } from '../main/index.ts';

export interface ServiceUnit {
  readonly cluster: string;
  /** The container engine's unit, if it has one. */
  readonly engineUnit?: string | undefined;
  /** The command that runs in the foreground, program first; paths are absolute. */
  readonly command: readonly string[];
}

/**
 * The text of a systemd unit (systemd.service(5)) that keeps the cluster's process of this machine: started at boot,
 * after the container engine, and again whenever it ends, unless it ends over something that a restart does not cure.
 * Containers are the engine's and run on.
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
