import { doNotRestart, memoryEnvironment } from '../main/index.ts';

export interface ServiceUnit {
  readonly cluster: string;
  /** The command that runs in the foreground, program first; paths are absolute. */
  readonly command: readonly string[];
}

/**
 * The text of a systemd unit (systemd.service(5)) that keeps the cluster's process of this machine: started at boot,
 * after Docker, and again whenever it ends, unless it ends over something that a restart does not cure. Containers are
 * Docker's and run on.
 */
export function serviceUnit({ cluster, command }: ServiceUnit): string {
  return `[Unit]
Description=Troupe cluster ${cluster.replaceAll('%', '%%')}
Wants=network-online.target docker.service
After=network-online.target docker.service
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
