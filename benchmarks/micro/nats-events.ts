/**
 * Processor time of a watch event over NATS, in µs: at the door (stored JSON to a message) and at the client (message
 * to object), as msgpack and as JSON. The bus does nothing here.
 *   node benchmarks/micro/nats-events.ts [--json FILE]
 */
import { OutgoingStream } from '../../src/api-server/nats/outgoing-stream.ts';
import { ReplyPublisher } from '../../src/api-server/nats/reply-publisher.ts';
import type { Bus } from '../../src/bus/index.ts';
import { decodeMessage } from '../../src/client/core/encoding.ts';
import { type Figure, quantile, report } from '../figures.ts';

const events = 5_000;
const rounds = 9;
const payloads: Uint8Array[] = [];
const nothing = { subject: '', close: () => undefined, drain: () => Promise.resolve() };
const bus = {
  inbox: () => '_INBOX.bench',
  subscribe: () => nothing,
  publish: (_subject: string, payload: Uint8Array) => {
    payloads.push(payload);
  },
} as Partial<Bus> as Bus;
const replies = new ReplyPublisher(bus);
const timers = { after: () => ({ cancel: () => undefined }), every: () => ({ cancel: () => undefined }) };

const pod = {
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: {
    name: 'pod-1',
    namespace: 'default',
    uid: '0e6d5f1c-6d1a-4b62-9c2f-3f2d1b0a9c8e',
    resourceVersion: '12345',
    labels: { app: 'bench', tier: 'backend', version: 'v1' },
    managedFields: [{ manager: 'bench', operation: 'Update', fieldsV1: { 'f:spec': { 'f:containers': {} } } }],
  },
  spec: {
    containers: ['main', 'side'].map((name) => ({
      name,
      image: 'registry.invalid/app:1',
      env: Array.from({ length: 8 }, (_, i) => ({ name: `SETTING_${i}`, value: `value-${i}` })),
      resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '100m', memory: '64Mi' } },
    })),
    nodeName: 'node-1',
  },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], podIP: '10.0.0.1' },
};
const json = new TextEncoder().encode(JSON.stringify({ type: 'MODIFIED', object: pod }));

function microseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / events;
}

const encodings = ['msgpack', 'json'] as const;
const samples = new Map<string, number[]>();
for (let i = 0; i < rounds; i++)
  for (const encoding of encodings) {
    const stream = new OutgoingStream({ bus, timers, replies }, { reply: 'reply', encoding, window: undefined });
    payloads.length = 0;
    const door = microseconds(() => {
      for (let event = 0; event < events; event++) stream.send({ type: 'event', json });
    });
    const client = microseconds(() => {
      for (const payload of payloads) decodeMessage(payload);
    });
    for (const [side, value] of [
      ['door', door],
      ['client', client],
    ] as const) {
      const name = `${side}, ${encoding}`;
      samples.set(name, [...(samples.get(name) ?? []), value]);
    }
  }
const figures: Figure[] = [...samples].map(([name, values]) => ({ name, value: quantile(values, 0.5), unit: 'µs' }));
report(`Processor time of a watch event of ${json.byteLength} bytes over NATS (median of rounds)`, figures);
