/**
 * Flows of UDP that connection tracking would lead on to backends that are gone. UDP has no end: an entry lives as long
 * as its client sends.
 */
import type { IpFamily } from '../../api/index.ts';
import { joinHostPort } from '../../base/index.ts';
import type { RunCommand } from '../network/index.ts';
import type { UdpTarget } from './ruleset.ts';

/** Flows from one address and port to one answering address and port, whoever the clients are. */
interface Flow {
  readonly to: string;
  readonly port: string;
  readonly answers: string;
  readonly answerPort: string;
}

/**
 * The arguments of `conntrack` that end each flow to a target's address which another address answers than a backend of
 * now: those to old backends, and those from before the target was translated. Pure.
 *
 * @param listed what `conntrack -L -p udp` printed
 * @param own the machine's own addresses, which alone targets of the machine are reached at
 */
export function staleFlows(
  listed: string,
  targets: readonly UdpTarget[],
  own: ReadonlySet<string>,
): readonly (readonly string[])[] {
  const byPort = new Map<string, UdpTarget[]>();
  for (const target of targets) byPort.set(String(target.port), [...(byPort.get(String(target.port)) ?? []), target]);
  const stale = new Map<string, Flow>();
  for (const line of listed.split('\n')) {
    const flow = flowOf(line);
    if (flow === undefined) continue;
    const target = byPort
      .get(flow.port)
      ?.find(({ address = flow.to, isMachines }) => address === flow.to && (!isMachines || own.has(flow.to)));
    if (target === undefined || target.backends.has(joinHostPort(flow.answers, flow.answerPort))) continue;
    stale.set(`${flow.to} ${flow.port} ${flow.answers} ${flow.answerPort}`, flow);
  }
  return [...stale.values()].map(({ to, port, answers, answerPort }) => [
    ...['-D', '-p', 'udp', '--orig-dst', to, '--orig-port-dst', port],
    ...['--reply-src', answers, '--reply-port-src', answerPort],
  ]);
}

const entry =
  /\bdst=(?<to>\S+) sport=\d+ dport=(?<port>\d+) .*?\bsrc=(?<answers>\S+) dst=\S+ sport=(?<answerPort>\d+) dport=/;

function flowOf(line: string): Flow | undefined {
  const { to, port, answers, answerPort } = entry.exec(line)?.groups ?? {};
  if (to === undefined || port === undefined || answers === undefined || answerPort === undefined) return undefined;
  return { to, port, answers, answerPort };
}

/** Ends the family's stale flows on the machine. Rejects where the program `conntrack` is missing or fails. */
export async function endStaleFlows(
  run: RunCommand,
  {
    family,
    targets,
    own,
  }: { readonly family: IpFamily; readonly targets: readonly UdpTarget[]; readonly own: ReadonlySet<string> },
): Promise<void> {
  if (targets.length === 0) return;
  const listed = await run('conntrack', ['-L', '-p', 'udp', '-f', family.toLowerCase()]);
  for (const args of staleFlows(listed, targets, own))
    // An entry that ended by itself meanwhile is an error of the program.
    await run('conntrack', args).catch((error: unknown) => {
      if (!String(error).includes('0 flow entries')) throw error;
    });
}
