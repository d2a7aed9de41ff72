import test from 'ava';
import { type LogIndex, seededRandom, type Term } from '../../base/index.ts';
import { type Message, Raft } from './index.ts';

const names = ['a', 'b', 'c'];

/** Three members on a perfect network; a disk that hangs ends no write. */
class Trio {
  readonly rafts: ReadonlyMap<string, Raft>;
  readonly hung = new Set<string>();
  readonly #late = new Set<string>();
  /** Bytes of entries in all appends so far. */
  entryBytes = 0;
  /** The most messages that one Ready held. */
  messagesMost = 0;

  constructor(limits: { readonly pendingBytesMax?: number; readonly readsMax?: number } = {}) {
    const configuration = { voters: names, outgoing: [], learners: [] };
    const base = { index: 0 as LogIndex, term: 0 as Term, configuration };
    this.rafts = new Map(
      names.map((id, n) => [id, new Raft({ id, random: seededRandom(n + 1), base, heartbeatTicks: 2, ...limits })]),
    );
    this.member('a').campaign();
    this.exchange();
    this.tick();
  }

  member(name: string): Raft {
    return this.rafts.get(name) as Raft;
  }

  tick(times = 2): void {
    for (let i = 0; i < times; i++) {
      for (const raft of this.rafts.values()) raft.tick();
      this.exchange();
    }
  }

  recover(): void {
    this.hung.clear();
    for (const name of this.#late) this.member(name).persisted();
    this.#late.clear();
    this.exchange();
  }

  exchange(): void {
    for (let moved = true; moved;) {
      moved = false;
      const mail: Message[] = [];
      for (const [name, raft] of this.rafts) {
        while (raft.hasReady) {
          moved = true;
          const ready = raft.ready();
          if (ready.persist !== undefined) {
            if (this.hung.has(name)) this.#late.add(name);
            else raft.persisted();
          }
          this.messagesMost = Math.max(this.messagesMost, ready.messages.length);
          for (const message of ready.messages) mail.push(message);
        }
      }
      for (const message of mail) this.#deliver(message);
    }
  }

  #deliver(message: Message): void {
    if (message.type === 'append') for (const { data } of message.entries) this.entryBytes += data.length;
    this.member(message.to).step(message);
  }
}

test('reads while the followers sync send no entry again', (t) => {
  const trio = new Trio();
  trio.hung.add('b').add('c');
  for (let i = 0; i < 4; i++) t.true(trio.member('a').propose([new Uint8Array(256 * 1024)]));
  trio.exchange();
  const before = trio.entryBytes;
  for (let i = 1; i <= 1_000; i++) {
    trio.member('a').read(i);
    trio.exchange();
  }
  t.is(trio.entryBytes, before);
});

test('while a disk hangs, entries travel again more and more seldom, and its answers do not pile up', (t) => {
  const trio = new Trio();
  trio.hung.add('b');
  trio.member('a').propose([new Uint8Array(1_000)]);
  trio.exchange();
  const before = trio.entryBytes;
  trio.tick(2_000);
  t.true(trio.entryBytes - before < 150_000, `${trio.entryBytes - before} bytes in 100 s`);
  trio.messagesMost = 0;
  trio.recover();
  t.true(trio.messagesMost < 10, `${trio.messagesMost} messages at once`);
  t.is(trio.member('b').lastIndex, trio.member('a').lastIndex);
});

test('a lost message is still sent again at the second heartbeat', (t) => {
  const trio = new Trio();
  const lead = trio.member('a');
  lead.propose([new Uint8Array(10)]);
  // What leaves now is lost.
  while (lead.hasReady) {
    const ready = lead.ready();
    if (ready.persist !== undefined) lead.persisted();
  }
  trio.tick(8);
  t.is(trio.member('b').lastIndex, lead.lastIndex);
  t.is(lead.commitIndex, lead.lastIndex);
});

test('a leader whose own disk hangs hands over to a member that goes on', (t) => {
  const trio = new Trio();
  trio.hung.add('a');
  for (let i = 0; i < 100; i++) {
    trio.member('a').propose([new Uint8Array(1_000)]);
    trio.exchange();
    trio.tick(1);
  }
  t.not(trio.member('a').role, 'leader');
  const heir = names.find((name) => trio.member(name).role === 'leader') ?? '';
  t.true(['b', 'c'].includes(heir));
  t.true(trio.member(heir).propose([new Uint8Array(1)]));
  trio.exchange();
  t.is(trio.member(heir).commitIndex, trio.member(heir).lastIndex, 'the others commit without it');
  trio.tick(200);
  t.is(trio.member(heir).role, 'leader', 'who cannot write does not disturb the new leader');
  trio.recover();
  trio.tick(50);
  t.is(trio.member('a').commitIndex, trio.member(heir).commitIndex);
});

test('a leader steps down when it hangs and nobody takes over', (t) => {
  const trio = new Trio();
  const lead = trio.member('a');
  trio.hung.add('a');
  lead.propose([new Uint8Array(1)]);
  trio.exchange();
  // The word to take over is lost each time.
  for (let i = 0; i < 40 && lead.role === 'leader'; i++) {
    lead.tick();
    while (lead.hasReady) {
      for (const message of lead.ready().messages)
        if (message.type !== 'timeout-now') trio.member(message.to).step(message);
    }
    for (const name of ['b', 'c']) {
      const raft = trio.member(name);
      while (raft.hasReady) {
        const ready = raft.ready();
        if (ready.persist !== undefined) raft.persisted();
        for (const message of ready.messages) lead.step(message);
      }
    }
  }
  t.is(lead.role, 'follower');
});

test('a leader takes so many bytes that are not committed and durable, and no more', (t) => {
  const trio = new Trio({ pendingBytesMax: 10_000 });
  const lead = trio.member('a');
  trio.hung.add('b').add('c');
  let taken = 0;
  while (taken < 100 && lead.propose([new Uint8Array(968)])) taken += 1;
  t.is(taken, 10, 'each counts with 32 bytes beside its own');
  t.is(lead.pendingBytes, 10_000);
  trio.exchange();
  trio.tick(20);
  t.false(lead.propose([new Uint8Array(1)]));
  trio.recover();
  trio.tick(4);
  t.is(lead.pendingBytes, 0);
  t.true(lead.propose([new Uint8Array(20_000)]), 'one that is larger than all fits alone');
});

test('a log that a new leader replaces leaves nothing in the count of pending bytes', (t) => {
  const trio = new Trio({ pendingBytesMax: 10_000 });
  const lead = trio.member('a');
  for (let i = 0; i < 5; i++) lead.propose([new Uint8Array(968)]);
  // Nobody hears of them, and the others elect a leader of their own.
  while (lead.hasReady) if (lead.ready().persist !== undefined) lead.persisted();
  t.is(lead.pendingBytes, 5_000);
  for (let i = 0; i < 60; i++) {
    for (const name of ['b', 'c']) trio.member(name).tick();
    for (let moved = true; moved;) {
      moved = false;
      for (const name of ['b', 'c']) {
        const raft = trio.member(name);
        while (raft.hasReady) {
          moved = true;
          const ready = raft.ready();
          if (ready.persist !== undefined) raft.persisted();
          for (const message of ready.messages) if (message.to !== 'a') trio.member(message.to).step(message);
        }
      }
    }
  }
  trio.tick(60);
  t.is(lead.role, 'follower');
  t.is(lead.pendingBytes, 0);
});

test('a leader keeps a bounded number of reads, each once', (t) => {
  const trio = new Trio({ readsMax: 10 });
  const lead = trio.member('a');
  for (let i = 1; i <= 50; i++) {
    lead.read(i);
    lead.read(i);
  }
  const answered: number[] = [];
  for (const name of names) {
    const raft = trio.member(name);
    while (raft.hasReady) {
      const ready = raft.ready();
      if (ready.persist !== undefined) raft.persisted();
      for (const message of ready.messages) trio.member(message.to).step(message);
    }
  }
  while (lead.hasReady) for (const { context } of lead.ready().reads) answered.push(context);
  t.deepEqual(answered, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  lead.read(50);
  trio.exchange();
  t.false(lead.hasReady, 'what was let go may be asked for again');
});
