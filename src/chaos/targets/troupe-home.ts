/** A Troupe cluster on this machine, by its home: its processes, its commands, its health. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { alive, type Home, lives, natsFolder, type ProcessNote, readNotes, savedSettings } from '../../main/index.ts';
import type { Access, ApiClient } from '../clients/api-client.ts';
import { type Ended, runMeanwhile } from './programs.ts';

/** Something that a fault can strike. */
export interface Victim {
  readonly name: string;
  readonly pids: readonly number[];
  readonly leader: boolean;
}

/** How the `troupe` program is run: Node, its flags and the file. */
export interface TroupeCommand {
  readonly program: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

interface TroupeRun {
  /** The folder of a control group for it and for what it starts. */
  readonly group?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Whose home; default: the first member's. */
  readonly at?: Home | undefined;
}

const statusMs = 2_000;

export class TroupeHome {
  /** The first member's. */
  readonly home: Home;
  /** Of members that joined with a home of their own, as from another machine. */
  readonly #others = new Set<Home>();
  #command: TroupeCommand;

  constructor(home: Home, command: TroupeCommand) {
    this.home = home;
    this.#command = command;
  }

  get homes(): readonly Home[] {
    return [this.home, ...this.#others];
  }

  /** The home from which a member or node runs; the first one for a name that has none. */
  homeOf(name: string): Home {
    return this.homes.find((home) => readNotes(home).some((note) => note.name === name)) ?? this.home;
  }

  /** Runs this program from now on, instead of the one that the cluster was begun with. */
  use(command: TroupeCommand): void {
    this.#command = command;
  }

  add(home: Home): void {
    this.#others.add(home);
  }

  drop(home: Home): void {
    this.#others.delete(home);
  }

  /** The cluster's name, which its containers' labels say. */
  get cluster(): string {
    return savedSettings(this.home)?.cluster ?? 'local';
  }

  /** As the administrator, at every member. */
  access(): Access {
    const read = (name: string): string => readFileSync(join(this.home.pki, name), 'utf8');
    const urls = this.#notes('member').flatMap(({ url }) => (url === undefined ? [] : [url]));
    return { urls, ca: read('ca.crt'), certificate: read('admin.crt'), key: read('admin.key') };
  }

  /** Runs `troupe` for a home. */
  troupe(args: readonly string[], { group, env, at = this.home }: TroupeRun = {}): Promise<Ended> {
    const { program, env: own } = this.#command;
    const words = [...program, ...args];
    const enter = ['/bin/sh', '-c', 'echo $$ > "$0"; exec "$@"', join(group ?? '', 'cgroup.procs')];
    const [first = '', ...rest] = group === undefined ? words : [...enter, ...words];
    return runMeanwhile(first, rest, { env: { ...own, ...env, TROUPE_HOME: at.folder } });
  }

  /** Processes of this kind that live, with the one that leads. */
  async victims(what: string, api: ApiClient): Promise<readonly Victim[]> {
    if (what === 'agent') return this.#notes('node').map(({ name, pid }) => ({ name, pids: [pid], leader: false }));
    const notes = this.#notes('member');
    const roles = await Promise.all(notes.map((note) => this.#role(api, note)));
    return notes.map(({ name, pid }, i) => {
      const nats = this.natsServer(name);
      const pids = what === 'member' ? [pid] : what === 'nats-server' ? nats : [pid, ...nats];
      return { name, pids, leader: roles[i] === 'leader' };
    });
  }

  /** The pid of a member's nats-server, if it lives. */
  natsServer(member: string): readonly number[] {
    const pid = pidIn(join(natsFolder(this.homeOf(member), member), 'nats-server.pid'));
    return pid === undefined ? [] : [pid];
  }

  /** The keeper that restarts a process, if it lives. */
  keeper(name: string): number | undefined {
    return pidIn(join(this.homeOf(name).run, `keeper-${name}.pid`));
  }

  /** The pid of a member, if it lives. */
  member(name: string): number | undefined {
    return this.#notes('member').find((note) => note.name === name)?.pid;
  }

  /** Of every process of the cluster that lives. */
  pids(): readonly number[] {
    return [...this.#notes('member'), ...this.#notes('node')].map(({ pid }) => pid);
  }

  /** Where a member answers. */
  url(member: string): string {
    const url = this.#notes('member').find(({ name }) => name === member)?.url;
    if (url === undefined) throw new Error(`${member} does not answer anywhere`);
    return url;
  }

  members(): readonly string[] {
    return this.#allNotes()
      .filter(({ role }) => role === 'member')
      .map(({ name }) => name);
  }

  /** The names of the nodes whose agents run from the first member's home. */
  nodes(): readonly string[] {
    return readNotes(this.home)
      .filter(({ role }) => role === 'node')
      .map(({ name }) => name);
  }

  async complaints(api: ApiClient): Promise<readonly string[]> {
    const notes = this.#allNotes();
    const dead = notes.filter((note) => !lives(note)).map(({ name }) => `${name} does not run`);
    const members = notes.filter((note) => note.role === 'member' && lives(note));
    const ready = await Promise.all(members.map((note) => this.#ready(api, note)));
    return [...dead, ...members.filter((_, i) => ready[i] !== true).map(({ name }) => `${name} is not ready`)];
  }

  #notes(role: ProcessNote['role']): readonly ProcessNote[] {
    return this.#allNotes().filter((note) => note.role === role && lives(note));
  }

  #allNotes(): readonly ProcessNote[] {
    return this.homes.flatMap((home) => readNotes(home));
  }

  async #ready(api: ApiClient, note: ProcessNote): Promise<boolean> {
    return (await this.#get(api, note, '/readyz')) !== undefined;
  }

  async #role(api: ApiClient, note: ProcessNote): Promise<string | undefined> {
    const text = await this.#get(api, note, '/troupe/api/status');
    return text === undefined ? undefined : (JSON.parse(text) as { store?: { role?: string } }).store?.role;
  }

  /** The answer of this very member; undefined when it gives none with status 200. */
  async #get(api: ApiClient, { url = '' }: ProcessNote, path: string): Promise<string | undefined> {
    const turn = api.urls.indexOf(url);
    if (turn < 0) return undefined;
    const outcome = await api.call({ path, turn, timeoutMs: statusMs });
    return outcome.type === 'answered' && outcome.status === 200 ? outcome.text : undefined;
  }
}

function pidIn(file: string): number | undefined {
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  return pid > 1 && alive(pid) ? pid : undefined;
}
