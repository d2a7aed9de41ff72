/** A running cluster as the checks see it: its files, its settings in effect, its ports and the answers of its API. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { Home, Settings } from '../../main/index.ts';
import { type ApiAnswer, callApi, readAnswer } from '../api-call.ts';
import { type Verdict, verdict } from './verdict.ts';

const probeMs = 2_000;

interface Question {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly body?: object;
  /** Asks without credentials. */
  readonly nobody?: boolean;
  readonly token?: string;
  /** Asks in the name of this user, as the administrator may. */
  readonly user?: string;
  readonly group?: string;
}

interface Answered extends ApiAnswer {
  /** The Audit-ID of the request. */
  readonly auditId: string;
  readonly object: Readonly<Record<string, unknown>>;
}

export class ExaminedCluster {
  readonly home: Home;
  readonly settings: Settings;
  readonly url: string;
  /** Unlike any name in the cluster. */
  readonly probeName = `hardening-check-${randomBytes(4).toString('hex')}`;
  readonly #remembered = new Map<string, Promise<unknown>>();

  constructor(home: Home, settings: Settings, url: string) {
    this.home = home;
    this.settings = settings;
    this.url = url;
  }

  async ask(path: string, { method, body, nobody, token, user, group }: Question = {}): Promise<Answered> {
    const headers: Record<string, string> = {};
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    if (user !== undefined) headers['impersonate-user'] = user;
    if (group !== undefined) headers['impersonate-group'] = group;
    const as = nobody === true || token !== undefined ? 'nobody' : 'admin';
    const response = await callApi(this.home, this.url, path, { method: method ?? 'GET', body, as, headers });
    const answer = await readAnswer(response);
    return { ...answer, auditId: String(response.headers['audit-id'] ?? ''), object: parsed(answer.body) };
  }

  /** The items of a list, which is asked for once. */
  async items<T>(path: string): Promise<readonly T[]> {
    return await this.once(path, async () => {
      const { object } = await this.ask(path);
      return (object['items'] ?? []) as readonly T[];
    });
  }

  /** Answers with what `make` gave the first time. */
  async once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#remembered.get(key) ?? make();
    this.#remembered.set(key, known);
    return (await known) as T;
  }

  /** Whether only the owner reaches the files: by their own modes, or since the home lets nobody else in. */
  privateFiles(files: readonly string[]): Verdict {
    const open = files.filter((file) => (modeOf(file) & 0o077) !== 0);
    const homeMode = modeOf(this.home.folder);
    const behind = open.length > 0 && (homeMode & 0o077) === 0;
    const modes = [...new Set(files.map((file) => octal(modeOf(file))))].sort().join(', ');
    const home = behind ? `; nobody else enters the home (${octal(homeMode)})` : '';
    return verdict(files.length > 0 && (open.length === 0 || behind), `${this.#named(files)}: mode ${modes}${home}`);
  }

  /** Whether the files belong to root, and so to none of the users of the machine. */
  ownedByRoot(files: readonly string[]): Verdict {
    const foreign = files.filter((file) => statSync(file).uid !== 0 || statSync(file).gid !== 0);
    return verdict(
      files.length > 0 && foreign.length === 0,
      foreign.length === 0 ? `${this.#named(files)}: root:root` : `not root's: ${this.#named(foreign)}`,
    );
  }

  filesOf(folder: string, pattern: RegExp): readonly string[] {
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .map((name) => join(folder, name));
  }

  /** Whether somebody listens on a port of this machine. */
  async listens(port: number, host = '127.0.0.1'): Promise<boolean> {
    return await new Promise((resolve) => {
      const socket = connect({ port, host, timeout: probeMs });
      const end = (open: boolean) => (): void => {
        socket.destroy();
        resolve(open);
      };
      socket.on('connect', end(true)).on('error', end(false)).on('timeout', end(false));
    });
  }

  /** None of the ports that the processes of Kubernetes have is open here. */
  async noPort(...ports: readonly number[]): Promise<Verdict> {
    const open = [];
    for (const port of ports) if (await this.listens(port)) open.push(port);
    return verdict(
      open.length === 0,
      open.length === 0 ? `no port: nobody listens on ${ports.join(', ')}` : `somebody listens on ${open.join(', ')}`,
    );
  }

  /** The protocol and cipher that the API agrees to; undefined when it does not. */
  async handshake(options: ConnectionOptions = {}): Promise<string | undefined> {
    const { hostname, port } = new URL(this.url);
    const ca = readFileSync(join(this.home.pki, 'ca.crt'));
    return await new Promise((resolve) => {
      const socket = connectTls({ host: hostname, port: Number(port), ca, timeout: probeMs, ...options }, () => {
        resolve(`${socket.getProtocol() ?? ''} ${socket.getCipher().name}`);
        socket.destroy();
      });
      const refused = (): void => {
        socket.destroy();
        resolve(undefined);
      };
      socket.on('error', refused).on('timeout', refused);
    });
  }

  /** The newest megabyte of the audit logs of this home's members, as lines. */
  auditLines(): readonly string[] {
    const { logFile } = this.settings.audit;
    const files = logFile === '' ? this.filesOf(this.home.logs, /^audit(-[^.]*)?\.log$/) : [logFile];
    return files.flatMap((file) =>
      readFileSync(file, 'utf8')
        .slice(-1024 * 1024)
        .split('\n'),
    );
  }

  /** Whether a request is in the audit trail, which is written shortly after the answer. */
  async isAudited(auditId: string): Promise<boolean> {
    for (let tries = 0; tries < 20; tries++) {
      if (this.auditLines().some((line) => line.includes(auditId))) return true;
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
    return false;
  }

  /** One or two files by their names, more by their number. */
  #named(files: readonly string[]): string {
    const inside = `${this.home.folder}/`;
    if (files.length > 2) return `${String(files.length)} files`;
    return files.map((file) => (file.startsWith(inside) ? file.slice(inside.length) : file)).join(', ');
  }
}

function modeOf(file: string): number {
  return existsSync(file) ? statSync(file).mode & 0o7777 : modeOf(dirname(file));
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

function parsed(body: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body) as Readonly<Record<string, unknown>>;
  } catch {
    return {}; // Health and metrics are texts.
  }
}
