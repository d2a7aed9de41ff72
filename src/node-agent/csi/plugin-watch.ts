/** Watches the folder where plug-ins of the node show their sockets, and makes each known or forgotten. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, errorMessage, type Logger, type Timer, type Timers } from '../../base/index.ts';
import { grpcService, parseTable, registrationTable } from '../../grpc/index.ts';

/** What a plug-in says of itself. */
export interface PluginInfo {
  readonly type: string;
  readonly name: string;
  /** The socket of its service. */
  readonly endpoint: string;
  readonly supportedVersions: readonly string[];
}

/** What is done with plug-ins of one type. `add` rejects with the reason that the plug-in is told. */
export interface PluginHandler {
  add(plugin: PluginInfo): Promise<void>;
  remove(name: string): void;
}

interface WatchPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

interface WatchOptions {
  readonly folder: string;
  readonly handlers: ReadonlyMap<string, PluginHandler>;
  /** How often the folder is read; default 500. */
  readonly everyMs?: number | undefined;
}

/** A socket that was seen; another file under its name is another plug-in. */
interface Seen {
  readonly identity: string;
  plugin?: PluginInfo | undefined;
  busy: boolean;
  failures: number;
  /** Monotonic ms. */
  retryAt: number;
}

const registration = parseTable(registrationTable);
const answerMs = 5_000;
const lookEveryMs = 500;
const retryMsMin = 500;
const retryMsMax = 60_000;
const socketsMax = 1_000;

/**
 * Registers what appears (GetInfo, the handler of its type, NotifyRegistrationStatus), and forgets what goes. One that
 * cannot be registered is told why and is tried again, later each time; others never wait for it.
 */
export function watchPlugins(ports: WatchPorts, options: WatchOptions): { close(): void } {
  const watch = new PluginWatch(ports, options);
  watch.look();
  const timer: Timer = ports.timers.every(options.everyMs ?? lookEveryMs, () => {
    watch.look();
  });
  return {
    close: () => {
      timer.cancel();
      watch.closed = true;
    },
  };
}

class PluginWatch {
  closed = false;
  readonly #ports: WatchPorts;
  readonly #options: WatchOptions;
  readonly #seen = new Map<string, Seen>();
  #looking = false;

  constructor(ports: WatchPorts, options: WatchOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  look(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.#compare()
      .catch((error: unknown) => {
        const { folder } = this.#options;
        this.#ports.log.warn('failed to look for plug-ins; retrying', { folder, error: errorMessage(error) });
      })
      .finally(() => {
        this.#looking = false;
      });
  }

  async #compare(): Promise<void> {
    const found = await socketsIn(this.#options.folder);
    if (this.closed) return;
    for (const [path, seen] of this.#seen) {
      if (found.get(path) === seen.identity) continue;
      this.#seen.delete(path);
      this.#forget(path, seen);
    }
    const now = this.#ports.clock.monotonic();
    for (const [path, identity] of found) {
      const seen = this.#seen.get(path) ?? { identity, busy: false, failures: 0, retryAt: 0 };
      this.#seen.set(path, seen);
      if (seen.plugin !== undefined || seen.busy || now < seen.retryAt) continue;
      seen.busy = true;
      void this.#register(path, seen).finally(() => {
        seen.busy = false;
      });
    }
  }

  /** Another socket may have taken over the plug-in's name meanwhile. */
  #forget(path: string, { plugin }: Seen): void {
    if (plugin === undefined) return;
    const holders = [...this.#seen.values()].filter((other) => other.plugin?.name === plugin.name);
    if (holders.some((other) => other.plugin?.type === plugin.type)) return;
    this.#ports.log.info('a plug-in of the node has gone', { plugin: plugin.name, socket: path });
    this.#options.handlers.get(plugin.type)?.remove(plugin.name);
  }

  async #register(path: string, seen: Seen): Promise<void> {
    const { clock, log } = this.#ports;
    const call = grpcService(registration, 'Registration', { socketPath: path, clock });
    const within = { deadlineMs: answerMs };
    try {
      const plugin = (await call('GetInfo', {}, within)) as unknown as PluginInfo;
      const problem = await this.#add({ ...plugin, endpoint: plugin.endpoint === '' ? path : plugin.endpoint }, seen);
      await call('NotifyRegistrationStatus', { pluginRegistered: problem === undefined, error: problem ?? '' }, within);
      if (problem !== undefined) throw new Error(problem);
      log.info('a plug-in of the node is registered', { plugin: plugin.name, type: plugin.type, socket: path });
    } catch (error) {
      seen.failures += 1;
      seen.retryAt = clock.monotonic() + Math.min(retryMsMax, retryMsMin * 2 ** Math.min(seen.failures, 10));
      log.warn('failed to register a plug-in of the node; retrying', { socket: path, error: errorMessage(error) });
    }
  }

  /** Answers why the plug-in cannot be used; undefined: it is registered. */
  async #add(plugin: PluginInfo, seen: Seen): Promise<string | undefined> {
    const handler = this.#options.handlers.get(plugin.type);
    if (handler === undefined) return `no handler registered for plugin type: ${plugin.type}`;
    try {
      await handler.add(plugin);
    } catch (error) {
      return errorMessage(error);
    }
    seen.plugin = plugin;
    return undefined;
  }
}

/** Sockets by path, each with what tells it from an earlier one of that name. */
async function socketsIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  for (const entry of entries.slice(0, socketsMax)) {
    if (!entry.isSocket() || entry.name.startsWith('.')) continue;
    const path = join(entry.parentPath, entry.name);
    const stats = await lstat(path).catch(() => undefined);
    if (stats !== undefined) found.set(path, `${stats.ino}/${stats.ctimeMs}`);
  }
  return found;
}
