/**
 * One store member as a process, for benchmarks and integration tests alone: opens the store over NATS on a real disk and serves
 * puts and gets. The members of Troupe itself are started by src/main.
 *   node benchmarks/store/member.ts '{"member":"a","voters":["a","b","c"],"servers":["nats://127.0.0.1:4222"],"token":"...","folder":"..."}'
 */
import { silentLogger, type Revision } from '../../src/base/index.ts';
import { type Bus, type BusMessage, connectNats, subjectsOf } from '../../src/bus/index.ts';
import { lockFolder, openLogger, systemClock, systemDisk, systemRandom, systemTimers, MetricsRegistry } from '../../src/platform/index.ts';
import { busTransport, openStore, type PutOperation, type StoreMember, type Transaction } from '../../src/state/index.ts';
import { type Answer, type MemberConfig, pack, requestSubject, type Request, unpack } from './protocol.ts';

const empty = { labels: {}, fields: {}, owners: [] } as const;

function put(key: string, value: Uint8Array, once: boolean): Transaction {
  const operation: PutOperation = { type: 'put', key, value, revisionAt: -1, index: { uid: '', ...empty } };
  return { compares: once ? [{ key, revision: 0 as Revision }] : [], operations: [operation] };
}

async function perform(store: StoreMember, request: Request): Promise<Answer> {
  switch (request[1]) {
    case 'put': case 'create': {
      const result = await store.transact(put(request[2], request[3], request[1] === 'create'));
      return [request[0], result.committed ? result.revision : -1];
    }
    case 'get': {
      await store.linearise();
      const record = store.get(request[2]);
      return [request[0], record?.revision ?? 0, record?.bytes ?? null];
    }
    case 'status': return [request[0], store.revision, JSON.stringify(store.status())];
    case 'metrics': return [request[0], store.revision, metrics.render()];
    case 'hash': return [request[0], store.revision, JSON.stringify(await store.members.compareHashes())];
  }
}

/** Answers of one turn to one client travel together, as the requests did. */
function serve(bus: Bus, store: StoreMember, member: string): void {
  const waiting = new Map<string, Answer[]>();
  const flush = (): void => {
    for (const [reply, answers] of waiting) bus.publish(reply, pack(answers));
    waiting.clear();
  };
  const answer = (reply: string, value: Answer): void => {
    const answers = waiting.get(reply);
    if (answers !== undefined) answers.push(value);
    else if (waiting.set(reply, [value]).size === 1) queueMicrotask(flush);
  };
  bus.subscribe(requestSubject(member), ({ payload, reply }: BusMessage) => {
    if (reply === undefined) return;
    for (const request of unpack<Request>(payload)) {
      perform(store, request).then((value) => { answer(reply, value); }, (error: unknown) => {
        answer(reply, [request[0], -2, error instanceof Error ? error.message : String(error)]);
      });
    }
  });
}

const config = JSON.parse(process.argv[2] ?? '{}') as MemberConfig;
const log = config.logFile === undefined ? silentLogger : openLogger({ level: 'info', file: config.logFile });
const metrics = new MetricsRegistry();
const bus = await connectNats({ servers: config.servers, token: config.token, name: config.member });
const store = await openStore({
  member: config.member, folder: config.folder, voters: config.voters, disk: systemDisk, clock: systemClock, timers: systemTimers, random: systemRandom, log,
  metrics, lock: lockFolder, transport: busTransport({ bus, subjects: subjectsOf('bench'), member: config.member }),
  onFailure: (error) => {
    log.error('the store failed', { error });
    process.exit(1);
  },
});
serve(bus, store, config.member);
console.log('ready');
process.on('SIGTERM', () => { void store.close().then(() => { process.exit(0); }); });
