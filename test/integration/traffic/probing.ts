/**
 * Asks from one place, that is the network namespace that it runs in: hundreds of probes beside each other. Reads one
 * Probe or Question a line and writes one Outcome or Addresses a line.
 */
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { get } from 'node:http';
import { connect } from 'node:net';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { Flow } from './flows.ts';
import type { Addresses, Answer, FlowAsked, FlowQuestion, FlowState, Outcome, Probe, Question } from './probe.ts';

/** Questions at once: more would measure the machine's load. */
const besideMax = 40;
type Told = Answer | { readonly failure: string };

function askTcp({ address, port, timeoutMs }: Probe): Promise<Told> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (told: Told): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(told);
    };
    const timer = setTimeout(end, timeoutMs, { failure: 'silence' });
    socket.on('data', (data) => {
      end(JSON.parse(data.toString()) as Answer);
    });
    socket.on('error', (error) => {
      end({ failure: (error as NodeJS.ErrnoException).code ?? error.message });
    });
    socket.on('end', () => {
      end({ failure: 'closed' });
    });
  });
}

function askUdp({ address, port, timeoutMs }: Probe): Promise<Told> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    let over = false;
    const end = (told: Told): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      socket.close();
      resolve(told);
    };
    const timer = setTimeout(end, timeoutMs, { failure: 'silence' });
    socket.on('message', (data) => {
      end(JSON.parse(data.toString()) as Answer);
    });
    socket.on('error', (error) => {
      end({ failure: (error as NodeJS.ErrnoException).code ?? error.message });
    });
    socket.connect(port, address, () => {
      if (!over) socket.send('who?', () => undefined);
    });
  });
}

function askHttp({ address, port, host, timeoutMs }: Probe): Promise<Told> {
  return new Promise((resolve) => {
    const request = get({ host: address, port, agent: false, timeout: timeoutMs, headers: { host } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => {
        resolve(response.statusCode === 200 ? (JSON.parse(text) as Answer) : { failure: String(response.statusCode) });
      });
    });
    request.on('timeout', () => {
      resolve({ failure: 'silence' });
      request.destroy();
    });
    request.on('error', (error) => {
      resolve({ failure: (error as NodeJS.ErrnoException).code ?? error.message });
    });
  });
}

const ask = { tcp: askTcp, udp: askUdp, http: askHttp };

async function outcomeOf(probe: Probe): Promise<Outcome> {
  const answers: Answer[] = [];
  const failures: string[] = [];
  let slowestMs = 0;
  const once = async (): Promise<void> => {
    const from = performance.now();
    const told = await ask[probe.protocol](probe);
    if ('failure' in told) failures.push(told.failure);
    else answers.push(told);
    if (!('failure' in told) || told.failure !== 'silence') slowestMs = Math.max(slowestMs, performance.now() - from);
  };
  const done = (): boolean => new Set(answers.map(({ pod }) => pod)).size >= probe.pods || failures.length > 1;
  let asked = 0;
  const round = async (count: number): Promise<void> => {
    asked += count;
    await Promise.all(Array.from({ length: count }, once));
  };
  if (probe.turn !== undefined) await round(1);
  await round(probe.least - asked);
  while (!done() && asked < probe.most) await round(Math.min(probe.least, probe.most - asked));
  return { id: probe.id, answers, failures, slowestMs: Math.round(slowestMs) };
}

async function addressesOf({ id, server, name }: Question): Promise<Addresses> {
  const resolver = new Resolver({ timeout: 1000, tries: 2 });
  resolver.setServers([server]);
  try {
    return { id, addresses: (await resolver.resolve4(name)).sort(), failure: '' };
  } catch (error) {
    return { id, addresses: [], failure: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

// Times are measured here: other work of the machine must not count.
setPriority(-10);
interface Job {
  /** How many questions it asks at once. */
  readonly asks: number;
  readonly run: () => Promise<Outcome | Addresses>;
}

let running = 0;
const waiting: Job[] = [];
const turns = new Map<string, Promise<unknown>>();
const flows = new Map<string, Flow>();

function next(): void {
  const job = running < besideMax ? waiting.shift() : undefined;
  if (job === undefined) return;
  running += job.asks;
  void job.run().then((told) => {
    running -= job.asks;
    tell(told);
    next();
  });
  next();
}

function tell(told: Outcome | Addresses | FlowState): void {
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

const isAboutFlow = (asked: Probe | Question | FlowAsked | FlowQuestion): asked is FlowAsked | FlowQuestion =>
  ['flow', 'state', 'end'].includes(asked.protocol);

function askFlow(asked: FlowAsked | FlowQuestion): void {
  if (asked.protocol === 'flow') flows.set(asked.id, new Flow(asked));
  const flow = flows.get(asked.protocol === 'flow' ? asked.id : asked.flow);
  if (flow === undefined) return;
  tell(flow.state(asked.id));
  if (asked.protocol === 'end') flow.end();
}

function inTurn(probe: Probe, turn: string): Promise<Outcome> {
  const own = (turns.get(turn) ?? Promise.resolve()).then(() => outcomeOf(probe));
  turns.set(turn, own);
  return own;
}

function jobOf(asked: Probe | Question): Job {
  if (asked.protocol === 'dns') return { asks: 1, run: () => addressesOf(asked) };
  const { least: asks, turn } = asked;
  return { asks, run: () => (turn === undefined ? outcomeOf(asked) : inTurn(asked, turn)) };
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const asked = JSON.parse(line) as Probe | Question | FlowAsked | FlowQuestion;
    if (isAboutFlow(asked)) {
      askFlow(asked);
      return;
    }
    waiting.push(jobOf(asked));
    next();
  })
  .on('close', () => {
    process.exit(0);
  });
