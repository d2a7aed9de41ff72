import test from 'ava';
import { encode } from '../../bus/index.ts';
import { utf8 } from '../request.ts';
import { parseRegistration, wireOf } from './registration-parsing.ts';

const registration = {
  type: 'register',
  name: 'billing',
  instance: 'a',
  resources: [{ resource: 'configmaps', namespace: '' }],
  inbox: '_INBOX.billing.1',
};
const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value));

test('a registration is completed with the defaults, in JSON and in msgpack alike', (t) => {
  const complete = {
    ...registration,
    resources: [{ group: '', resource: 'configmaps' }],
    heartbeatMs: 2_000,
    reconcileMs: 30_000,
  };
  for (const payload of [json(registration), encode(registration)]) t.like(parseRegistration(payload), complete);
});

const refused: readonly (readonly [problem: string, change: object, message: RegExp])[] = [
  ['another type', { type: 'leave' }, /^type must be register$/],
  ['a name in capitals', { name: 'Billing' }, /^name must be a lower-case name/],
  ['an instance that is no text', { instance: 7 }, /^instance must be a lower-case name/],
  ['an inbox of nobody', { inbox: 'troupe.local.removed.member-1' }, /^inbox must be a subject/],
  ['an inbox with a wildcard', { inbox: '_INBOX.>' }, /^inbox must be a subject/],
  ['no resources', { resources: [] }, /^resources must be a list of 1 to 32 kinds$/],
  ['a resource without a name', { resources: [{ group: 'apps' }] }, /^each of resources must name/],
  ['a namespace that is no text', { resources: [{ resource: 'pods', namespace: 1 }] }, /^namespace must be a text$/],
  ['heartbeats too seldom', { heartbeatMs: 60_001 }, /^heartbeatMs must be a number from 200 to 60000$/],
  ['too little time to reconcile', { reconcileMs: 1 }, /^reconcileMs must be a number from 500 to 600000$/],
];

for (const [problem, change, message] of refused)
  test(`a registration with ${problem} is refused`, (t) => {
    t.throws(() => parseRegistration(json({ ...registration, ...change })), { message });
  });

test('what is no registration at all is refused', (t) => {
  t.throws(() => parseRegistration(json(null)), { message: /neither JSON nor msgpack|must be an object/ });
  t.throws(() => parseRegistration(utf8('{')), { message: 'the registration is neither JSON nor msgpack' });
});

test('an answer is written as the participant writes', (t) => {
  for (const payload of [json({ a: 1 }), encode({ a: 1 })]) t.deepEqual(wireOf(payload).write({ a: 1 }), payload);
});
