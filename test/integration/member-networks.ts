import type { MemberPlace } from '../../benchmarks/store/troupe-peer.ts';
import { run } from './cluster.ts';

/** By its path: a package of the tests' own has a program of the same name. */
const nft = '/usr/sbin/nft';

/** Runs commands of iproute2 and nftables; a failure is thrown with what it said. */
function must(program: string, args: readonly string[], input?: string): void {
  const { status, stderr } = run(program, args, input === undefined ? {} : { input });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}

/**
 * A network namespace a member, joined by a bridge in a namespace of its own, so that no rule of this machine meets
 * their packets. This process and nats-server stand outside, each with an address of its own.
 */
export class MemberNetworks {
  readonly places: ReadonlyMap<string, MemberPlace>;
  /** Where the clients come from: a member that is cut off still answers them. */
  readonly clientHost: string;
  readonly natsHost: string;
  readonly #name: string;
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#name = `tr${process.pid % 100_000}`;
    this.#names = names;
    const subnet = `10.251.${process.pid % 250}`;
    this.clientHost = `${subnet}.1`;
    this.natsHost = `${subnet}.254`;
    this.places = new Map(
      names.map((name, i) => [
        name,
        { host: `${subnet}.${i + 10}`, command: ['ip', 'netns', 'exec', this.#space(name)] },
      ]),
    );
  }

  create(): void {
    const hub = this.#space('hub');
    must('ip', ['netns', 'add', hub]);
    must('ip', ['-n', hub, 'link', 'add', 'bridge', 'type', 'bridge']);
    must('ip', ['-n', hub, 'link', 'set', 'bridge', 'up']);
    this.#plug(this.#name, 'outside');
    must('ip', ['addr', 'add', `${this.clientHost}/24`, 'dev', this.#name]);
    must('ip', ['addr', 'add', `${this.natsHost}/24`, 'dev', this.#name]);
    must('ip', ['link', 'set', this.#name, 'up']);
    for (const name of this.#names) {
      const space = this.#space(name);
      must('ip', ['netns', 'add', space]);
      this.#plug(`${this.#name}${name}`, name);
      must('ip', ['link', 'set', `${this.#name}${name}`, 'netns', space, 'name', 'eth0']);
      must('ip', ['-n', space, 'addr', 'add', `${this.places.get(name)?.host ?? ''}/24`, 'dev', 'eth0']);
      must('ip', ['-n', space, 'link', 'set', 'lo', 'up']);
      must('ip', ['-n', space, 'link', 'set', 'eth0', 'up']);
    }
  }

  /** Drops every packet between a member and the others, nats-server among them; only the clients still reach it. */
  cut(name: string): void {
    must(
      'ip',
      ['netns', 'exec', this.#space(name), nft, '-f', '-'],
      `table inet cut {
  chain in { type filter hook input priority 0; iif lo accept; ip saddr != ${this.clientHost} drop; }
  chain out { type filter hook output priority 0; oif lo accept; ip daddr != ${this.clientHost} drop; }
}`,
    );
  }

  heal(name: string): void {
    must('ip', ['netns', 'exec', this.#space(name), nft, 'delete', 'table', 'inet', 'cut']);
  }

  destroy(): void {
    run('ip', ['link', 'del', this.#name]);
    for (const name of ['hub', ...this.#names]) run('ip', ['netns', 'del', this.#space(name)]);
  }

  #space(name: string): string {
    return `${this.#name}-${name}`;
  }

  /** A cable whose far end is in the bridge. */
  #plug(near: string, port: string): void {
    must('ip', ['link', 'add', near, 'type', 'veth', 'peer', 'name', port, 'netns', this.#space('hub')]);
    must('ip', ['-n', this.#space('hub'), 'link', 'set', 'dev', port, 'master', 'bridge', 'up']);
  }
}
