/**
 * One store member as a process, for benchmarks and integration tests alone: opens the store over NATS on a real disk
 * and serves puts and gets. The members of Troupe itself are started by src/main.
 *   node benchmarks/store/member.ts
 *   '{"member":"a","voters":["a","b","c"],"servers":["nats://127.0.0.1:4222"],"token":"...","folder":"..."}'
 */
import { createServer } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { errorMessage, silentLogger, type Revision } from '../../src/base/index.ts';
import {
  type Bus,
  type BusMessage,
  connectNats,
  FramedSocket,
  openPeerLinks,
  subjectsOf,
} from '../../src/bus/index.ts';
import {
  lockFolder,
  openLogger,
  systemClock,
  systemDisk,
  systemRandom,
  systemTimers,
  MetricsRegistry,
} from '../../src/platform/index.ts';
import {
  busTransport,
  openStore,
  type PutOperation,
  type StoreEvent,
  type StoreMember,
  type StoreWatch,
  type Transaction,
} from '../../src/state/index.ts';
import {
  type Answer,
  type Facts,
  frameBytesMax,
  type HistoryRow,
  historyRowsMax,
  type MemberConfig,
  pack,
  requestSubject,
  type Request,
  unpack,
} from './protocol.ts';

const index = Object.freeze({ uid: '', labels: {}, fields: {}, owners: [] });

/** `revision`: which one the key must have; 0: none. */
function put(key: string, value: Uint8Array, revision?: number): Transaction {
  const operation: PutOperation = { type: 'put', key, value, revisionAt: -1, index };
  return {
    compares: revision === undefined ? [] : [{ key, revision: revision as Revision }],
    operations: [operation],
  };
}

const pauses = monitorEventLoopDelay({ resolution: 5 });
pauses.enable();
const watches: StoreWatch[] = [];
let watched = 0;

function facts(): Facts {
  const { user, system } = process.cpuUsage();
  const pauseMs = pauses.max / 1e6;
  pauses.reset();
  return { cpuMs: (user + system) / 1000, residentBytes: process.memoryUsage.rss(), pauseMs };
}

/** No member of the benchmark falls so far behind. */
const lost = (error: Error): never => {
  throw error;
};

const rowOf = ({ type, revision, record }: StoreEvent): HistoryRow => [
  revision,
  type,
  record.key,
  String(Buffer.from(record.bytes)),
];

/** What was changed after a revision, as far as this member has it. */
async function historyRows(store: StoreMember, prefix: string, after: number): Promise<readonly HistoryRow[]> {
  const found: StoreEvent[] = [];
  const watch = store.watch(
    { prefix, after: after as Revision },
    (events) => {
      for (const event of events) found.push(event);
    },
    lost,
  );
  await Promise.resolve();
  watch.close();
  return found.slice(0, historyRowsMax).map(rowOf);
}

/** Every change after a revision, as it comes, until the past that it asks for is gone. */
function stream(
  store: StoreMember,
  [id, , prefix, after]: Request & readonly [number, 'stream', ...unknown[]],
  say: Say,
): void {
  const fail = (error: unknown): void => {
    say([id, -2, errorMessage(error)]);
  };
  try {
    store.watch(
      { prefix, after: after as Revision },
      (events) => {
        say([id, events.at(-1)?.revision ?? after, JSON.stringify(events.map(rowOf))]);
      },
      fail,
    );
  } catch (error) {
    fail(error);
  }
}

async function perform(
  store: StoreMember,
  request: Exclude<Request, readonly [number, 'stream', ...unknown[]]>,
): Promise<Answer> {
  switch (request[1]) {
    case 'put':
    case 'create':
    case 'swap': {
      const [id, type, key, value, revision = 0] = request;
      const result = await store.transact(put(key, value, type === 'put' ? undefined : revision));
      return [id, result.committed ? result.revision : -1];
    }
    case 'get': {
      await store.readBarrier();
      const record = store.get(request[2]);
      return [request[0], record?.revision ?? 0, record?.bytes ?? null];
    }
    case 'status':
      return [request[0], store.revision, JSON.stringify(store.status())];
    case 'metrics':
      return [request[0], store.revision, metrics.render()];
    case 'facts':
      return [request[0], store.revision, JSON.stringify(facts())];
    case 'compact': {
      await store.compact();
      return [request[0], store.revision];
    }
    case 'add-learner': {
      await store.members.addLearner(request[2]);
      return [request[0], store.revision];
    }
    case 'transfer': {
      await store.members.transferLeadership(request[2]);
      return [request[0], store.revision];
    }
    case 'events':
      return [request[0], store.revision, JSON.stringify(await historyRows(store, request[2], request[3]))];
    case 'watch': {
      for (const watch of watches.splice(0)) watch.close();
      for (let i = 0; i < request[2]; i++)
        watches.push(
          store.watch(
            { prefix: '/bench/', after: store.revision },
            (events) => {
              watched += events.length;
            },
            lost,
          ),
        );
      return [request[0], watched];
    }
    case 'hash':
      return [request[0], store.revision, JSON.stringify(await store.members.compareHashes())];
  }
}

type Say = (answer: Answer) => void;
type Reply = (answers: readonly Answer[]) => void;

/** Answers of one turn to one client travel together, as the requests did. */
function servant(store: StoreMember): (requests: readonly Request[], reply: Reply) => void {
  const waiting = new Map<Reply, Answer[]>();
  const flush = (): void => {
    for (const [reply, answers] of waiting) reply(answers);
    waiting.clear();
  };
  const answer = (reply: Reply, value: Answer): void => {
    const answers = waiting.get(reply);
    if (answers !== undefined) answers.push(value);
    else if (waiting.set(reply, [value]).size === 1) queueMicrotask(flush);
  };
  return (requests, reply) => {
    for (const request of requests) {
      if (request[1] === 'stream') {
        stream(store, request, (value) => {
          answer(reply, value);
        });
        continue;
      }
      perform(store, request).then(
        (value) => {
          answer(reply, value);
        },
        (error: unknown) => {
          const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
          answer(reply, [request[0], -2, errorMessage(error) + code]);
        },
      );
    }
  };
}

function serveBus(bus: Bus, member: string, take: ReturnType<typeof servant>): void {
  const replies = new Map<string, Reply>();
  bus.subscribe(requestSubject(member), ({ payload, reply }: BusMessage) => {
    if (reply === undefined) return;
    let call = replies.get(reply);
    if (call === undefined)
      replies.set(
        reply,
        (call = (answers) => {
          bus.publish(reply, pack(answers));
        }),
      );
    take(unpack<Request>(payload), call);
  });
}

function serveSockets(
  at: { readonly host: string; readonly port: number },
  take: ReturnType<typeof servant>,
): Promise<void> {
  const server = createServer((socket) => {
    const framed: FramedSocket = new FramedSocket(socket, {
      frameBytesMax,
      onPayload: (payload) => {
        take(unpack<Request>(payload), reply);
      },
    });
    const reply: Reply = (answers) => {
      if (socket.writable) framed.send(pack(answers));
    };
    socket.on('error', () => undefined);
  });
  return new Promise((resolve) => {
    server.listen(at.port, at.host, resolve);
  });
}

const config = JSON.parse(process.argv[2] ?? '{}') as MemberConfig;
const host = config.host ?? '127.0.0.1';
const log = config.logFile === undefined ? silentLogger : openLogger({ level: 'info', file: config.logFile });
const metrics = new MetricsRegistry();
const bus = await connectNats({ servers: config.servers, token: config.token, name: config.member });
const subjects = subjectsOf('bench');
const links =
  config.clientPort === undefined
    ? {}
    : {
        links: await openPeerLinks({
          bus,
          subject: subjects.links,
          member: config.member,
          listen: { host },
          timers: systemTimers,
          random: systemRandom,
          log,
        }),
      };
const store = await openStore({
  member: config.member,
  folder: config.folder,
  voters: config.voters,
  disk: systemDisk,
  clock: systemClock,
  timers: systemTimers,
  random: systemRandom,
  log,
  metrics,
  lock: lockFolder,
  transport: busTransport({ bus, subjects, member: config.member, ...links }),
  afterInput: setImmediate,
  ...(config.segmentBytes === undefined ? {} : { segmentBytes: config.segmentBytes }),
  onFailure: (error) => {
    log.error('the store failed', { error });
    process.exit(1);
  },
});
const take = servant(store);
serveBus(bus, config.member, take);
if (config.clientPort !== undefined) await serveSockets({ host, port: config.clientPort }, take);
console.log('ready');
process.on('SIGTERM', () => {
  void store.close().then(() => {
    process.exit(0);
  });
});
