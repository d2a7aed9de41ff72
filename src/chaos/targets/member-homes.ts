/** A home for each member, as on machines of their own: the first begins the cluster, the others join it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { freePort, type Home, homeAt, machineAddresses } from '../../main/index.ts';
import type { TroupeHome } from './troupe-home.ts';

export type Config = Readonly<Record<string, object>>;

interface FoundOptions {
  readonly members: number;
  readonly nodes: number;
  readonly cluster: string;
  /** The settings that all homes have. */
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv | undefined;
}

/** Where a member answers and listens; a new one in its place has the same. */
interface Ports {
  readonly apiPort: number;
  readonly linkPort: number;
  readonly natsPort: number;
  readonly routePort: number;
}

type Founding = Pick<FoundOptions, 'config' | 'env'>;

export class MemberHomes {
  readonly #home: TroupeHome;
  readonly #founding: Founding;
  /** The ports of members that joined, by their names. */
  readonly #joined = new Map<string, Ports>();
  #named = 1;

  private constructor(home: TroupeHome, founding: Founding) {
    this.#home = home;
    this.#founding = founding;
  }

  /** Why members of this machine cannot have homes of their own; undefined: they can. */
  static problem(): string | undefined {
    return ownAddress() === undefined
      ? 'members join each other at an address of their machine, and this one has none beside loopback'
      : undefined;
  }

  /** Begins a cluster in the first home, and lets the other members join. */
  static async found(home: TroupeHome, options: FoundOptions): Promise<MemberHomes> {
    const { members, nodes, cluster } = options;
    const homes = new MemberHomes(home, options);
    configure(home.home, options.config, await freePorts());
    const address = ownAddress() ?? '';
    await homes.#must(['init', '--address', address, '--cluster', cluster, '--nodes', String(nodes)], home.home);
    for (let joined = 1; joined < members; joined++) await homes.#join(await freePorts());
    return homes;
  }

  /** Whether another one can take this member's place; not the first one's, whose home has the nodes. */
  canReplace(member: string): boolean {
    return this.#joined.has(member);
  }

  /**
   * Removes a member with its home, and lets a new one join with an empty home at the same ports. Resolves with the new
   * one's name when it votes.
   */
  async replace(member: string): Promise<string> {
    const [ports, old] = [this.#joined.get(member), this.#home.homeOf(member)];
    if (ports === undefined) throw new Error(`${member} has no home of its own`);
    await this.#must(['member', 'remove', member], this.#home.home);
    this.#joined.delete(member);
    this.#home.drop(old);
    await this.#must(['down', '--purge'], old);
    return await this.#join(ports);
  }

  /** With a name and a folder that no member had before. */
  async #join(ports: Ports): Promise<string> {
    const name = `member-${++this.#named}`;
    const home = homeAt(join(dirname(this.#home.home.folder), name));
    configure(home, this.#founding.config, ports);
    const [, address = '', words = ''] =
      /^troupe join (\S+) (.*)$/m.exec(await this.#must(['token', 'create', '--role', 'member'], this.#home.home)) ??
      [];
    const given = words.split(' ').filter((word) => word !== '');
    this.#home.add(home);
    await this.#must(['join', address, ...given, '--name', name, '--nodes', '0'], home);
    this.#joined.set(name, ports);
    return name;
  }

  async #must(args: readonly string[], at: Home): Promise<string> {
    const { status, stdout, stderr } = await this.#home.troupe(args, { at, env: this.#founding.env });
    if (status !== 0) throw new Error(`troupe ${args.slice(0, 2).join(' ')} failed: ${stderr.trim()}`);
    return stdout;
  }
}

const anyAddress = '0.0.0.0';
const ownAddress = (): string | undefined => machineAddresses()[0];

async function freePorts(): Promise<Ports> {
  const port = (): Promise<number> => freePort(anyAddress);
  return { apiPort: await port(), linkPort: await port(), natsPort: await port(), routePort: await port() };
}

function configure(home: Home, config: Config, { apiPort, linkPort, natsPort, routePort }: Ports): void {
  mkdirSync(home.folder, { recursive: true, mode: 0o700 });
  writeFileSync(home.configFile, stringify({ ...config, apiPort, linkPort, nats: { port: natsPort, routePort } }));
}
