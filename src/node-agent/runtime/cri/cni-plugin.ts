/**
 * The CNI plug-in that a CRI runtime calls for each sandbox. It connects nothing: the agent makes the pod's link once
 * the sandbox runs, as on every engine. It tells the runtime the address that the agent has chosen.
 */
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labels } from '../labels.ts';
import { RuntimeError } from '../runtime.ts';

interface CniFolders {
  readonly cniConfigFolder: string;
  readonly cniProgramFolder: string;
}

const program = 'troupe';
/** Runtimes take the first file by name. */
const configFile = '10-troupe.conflist';
/** The capability by which containerd passes on a pod's annotations. */
const annotations = 'io.kubernetes.cri.pod-annotations';

const config = `${JSON.stringify(
  { cniVersion: '1.0.0', name: 'troupe', plugins: [{ type: program, capabilities: { [annotations]: true } }] },
  undefined,
  2,
)}\n`;

/**
 * containerd calls `loopback` for each sandbox, which not every machine has. The shell does all by itself: each program
 * that it would start takes as long as all the rest.
 */
const script = `#!/bin/sh
# Written by Troupe: answers a container runtime, and leaves a pod's network to the node agent.
# The text of a field, if it has no other characters than those allowed.
field() {
  value=
  case $text in *"\\"$1\\""*)
    value=\${text#*"\\"$1\\""}
    value=\${value#*:}
    value=\${value#*\\"}
    value=\${value%%\\"*}
  esac
  case $value in *[!$2]*) value= ;; esac
}
case "$CNI_COMMAND" in
VERSION)
  echo '{"cniVersion":"1.0.0","supportedVersions":["0.3.0","0.3.1","0.4.0","1.0.0"]}'
  ;;
ADD)
  text=
  while read -r line || [ -n "$line" ]; do text=$text$line; done
  if [ "\${0##*/}" = loopback ]; then
    nsenter --net="$CNI_NETNS" ip link set lo up || exit 1
    ips='{"version":"4","interface":0,"address":"127.0.0.1/8"}'
  else
    field ${labels.address} 0-9a-f.:,
    ips=
    IFS=,
    # A sandbox of no pod has no address; runtimes insist on one.
    for address in \${value:-169.254.0.1}; do
      case $address in *:*) family=6 bits=128 ;; *) family=4 bits=32 ;; esac
      ips="$ips\${ips:+,}{\\"version\\":\\"$family\\",\\"interface\\":0,\\"address\\":\\"$address/$bits\\"}"
    done
  fi
  field cniVersion 0-9.
  printf '{"cniVersion":"%s","interfaces":[{"name":"%s","sandbox":"%s"}],"ips":[%s]}\\n' \\
    "\${value:-1.0.0}" "$CNI_IFNAME" "$CNI_NETNS" "$ips"
  ;;
esac
`;

/**
 * Writes plug-in and configuration where the runtime looks for them. Rejects where another configuration comes first:
 * the runtime would give pods that network.
 */
export async function installCni({ cniConfigFolder, cniProgramFolder }: CniFolders): Promise<void> {
  await mkdir(cniConfigFolder, { recursive: true });
  const other = await otherNetwork(cniConfigFolder);
  if (other !== undefined)
    throw new RuntimeError(
      'failed',
      `the container runtime gives its pods the network of ${other}; ${otherNetworkFix}`,
    );
  await mkdir(cniProgramFolder, { recursive: true });
  const there = new Set(await readdir(cniProgramFolder));
  for (const name of [program, ...(there.has('loopback') ? [] : ['loopback'])])
    await place(join(cniProgramFolder, name), script, 0o755);
  await place(join(cniConfigFolder, configFile), config, 0o644);
}

/** The file of a network that the runtime would take before ours. */
export async function otherNetwork(configFolder: string): Promise<string | undefined> {
  const files = await readdir(configFolder).catch(() => []);
  const [first] = files.filter((file) => /\.(conf|conflist|json)$/.test(file)).toSorted();
  return first !== undefined && first < configFile ? join(configFolder, first) : undefined;
}

export const otherNetworkFix =
  "move that file away, or set the runtime's folder of CNI configurations to one of its own";

/** In one step: the runtime may read it at any time. */
async function place(path: string, text: string, mode: number): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return;
  // Agents of several nodes may do it at once.
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, text);
  await chmod(draft, mode);
  await rename(draft, path);
}

/** Removes what is ours. */
export async function removeCni({ cniConfigFolder, cniProgramFolder }: CniFolders): Promise<void> {
  for (const [path, text] of [
    [join(cniConfigFolder, configFile), config],
    [join(cniProgramFolder, program), script],
    [join(cniProgramFolder, 'loopback'), script],
  ] as const)
    if ((await readFile(path, 'utf8').catch(() => undefined)) === text) await rm(path);
}
