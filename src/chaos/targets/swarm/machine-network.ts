/** A network of machines that are network namespaces: a switch between them, and a door for the clients of the run. */
import { must, mustMeanwhile, run, runMeanwhile } from '../programs.ts';

export interface NetworkCut {
  readonly direction: 'both' | 'in' | 'out';
  /** 100: a cut; less: that share of the packets is lost. */
  readonly percent: number;
}

const table = 'troupe_chaos';
const subnets = 100;

const ip = (...args: readonly string[]): Promise<string> => mustMeanwhile('ip', args);

/** The first of these networks that nothing on this machine uses: `10.78.<number>`. */
function freeSubnet(): string {
  const taken = run('ip', ['-o', '-4', 'addr', 'show']).stdout;
  const all = Array.from({ length: subnets }, (_, i) => `10.78.${100 + i}`);
  const free = all.find((subnet) => !taken.includes(` ${subnet}.`));
  if (free === undefined) throw new Error('no network of 10.78.100.0/24 to 10.78.199.0/24 is free');
  return free;
}

/** The switch is a bridge in a namespace of its own; this process is at `<subnet>.1`. */
export class MachineNetwork {
  readonly #prefix = `tch${process.pid}`;
  readonly #subnet = freeSubnet();
  readonly #spaces = new Set<string>();
  #ports = 0;

  /** Makes the switch, and the door of this process. */
  async open(): Promise<void> {
    await this.#add(this.#switch);
    await ip('-n', this.#switch, 'link', 'add', 'br0', 'type', 'bridge');
    await ip('-n', this.#switch, 'link', 'set', 'br0', 'up');
    const peer = ['peer', 'name', 'door', 'netns', this.#switch];
    await ip('link', 'add', this.#door, 'type', 'veth', ...peer);
    await ip('-n', this.#switch, 'link', 'set', 'door', 'master', 'br0', 'up');
    await ip('addr', 'add', `${this.#subnet}.1/24`, 'dev', this.#door);
    await ip('link', 'set', this.#door, 'up');
  }

  addressOf(machine: number): string {
    return `${this.#subnet}.${10 + machine}`;
  }

  spaceOf(machine: number): string {
    return `${this.#prefix}m${machine}`;
  }

  /** Gives a machine a namespace with a cable to the switch. */
  async plug(machine: number): Promise<void> {
    const space = this.spaceOf(machine);
    this.#ports += 1;
    const port = `port${this.#ports}`;
    await this.#add(space);
    await ip('-n', this.#switch, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space);
    await ip('-n', this.#switch, 'link', 'set', port, 'master', 'br0', 'up');
    await ip('-n', space, 'addr', 'add', `${this.addressOf(machine)}/24`, 'dev', 'eth0');
    for (const device of ['lo', 'eth0']) await ip('-n', space, 'link', 'set', device, 'up');
  }

  /** Takes the namespace away with all that was set in it, as a machine that goes off does. */
  async unplug(machine: number): Promise<void> {
    await runMeanwhile('ip', ['-n', this.spaceOf(machine), 'link', 'del', 'eth0']);
    await runMeanwhile('ip', ['netns', 'del', this.spaceOf(machine)]);
    this.#spaces.delete(this.spaceOf(machine));
  }

  /** Drops packets between a machine and the other machines; this process still reaches it. */
  cut(machine: number, { direction, percent }: NetworkCut): void {
    const share = percent >= 100 ? '' : `numgen random mod 100 < ${percent} `;
    const others = `{ ${this.#subnet}.2-${this.#subnet}.254 }`;
    const into = direction === 'out' ? '' : `ip saddr ${others} ${share}counter drop`;
    const from = direction === 'in' ? '' : `ip daddr ${others} ${share}counter drop`;
    const input = `table inet ${table} {
  chain in { type filter hook prerouting priority -300; iifname "eth0" ${into || 'accept'}; }
  chain out { type filter hook postrouting priority 300; oifname "eth0" ${from || 'accept'}; }
}`;
    must('nsenter', [this.#within(machine), 'nft', '-f', '-'], { input });
  }

  /** Packets that a machine's cut has dropped so far. */
  dropped(machine: number): number {
    const { stdout } = run('nsenter', [this.#within(machine), 'nft', 'list', 'table', 'inet', table]);
    return [...stdout.matchAll(/counter packets (\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  heal(machine: number): void {
    run('nsenter', [this.#within(machine), 'nft', 'delete', 'table', 'inet', table]);
  }

  /** Delays what a machine sends, to the other machines and to clients. Answers why it cannot; undefined: it does. */
  delay(machine: number, ms: number): string | undefined {
    const args = ['tc', 'qdisc', 'add', 'dev', 'eth0', 'root', 'netem', 'delay', `${ms}ms`];
    const { status, stderr } = run('nsenter', [this.#within(machine), ...args]);
    return status === 0 ? undefined : `netem, a part of the kernel, cannot be used (${stderr.trim()})`;
  }

  /** Packets that went through its delay so far. */
  delayed(machine: number): number {
    const { stdout } = run('nsenter', [this.#within(machine), 'tc', '-s', 'qdisc', 'show', 'dev', 'eth0']);
    return Number(/qdisc netem[\s\S]*?Sent \d+ bytes (\d+) pkt/.exec(stdout)?.[1] ?? 0);
  }

  undelay(machine: number): void {
    run('nsenter', [this.#within(machine), 'tc', 'qdisc', 'del', 'dev', 'eth0', 'root']);
  }

  close(): void {
    run('ip', ['link', 'del', this.#door]);
    for (const space of this.#spaces) run('ip', ['netns', 'del', space]);
    this.#spaces.clear();
  }

  get #switch(): string {
    return `${this.#prefix}s`;
  }

  get #door(): string {
    return `${this.#prefix}d`;
  }

  #within(machine: number): string {
    return `--net=/run/netns/${this.spaceOf(machine)}`;
  }

  async #add(space: string): Promise<void> {
    await ip('netns', 'add', space);
    this.#spaces.add(space);
  }
}
