import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

/** Folders whose state requests can reach. */
const folders = ['src/api-server', 'src/resources', 'src/platform', 'src/bus', 'src/api'];

/** What holds a collection for as long as its owner lives, and why that does not grow with requests. */
const bounded: Readonly<Record<string, string>> = {
  // Bounds in bytes or entries: docs/api-server.md has them all.
  'api-server/http/body-budget.ts #byAddress': 'addresses with bodies under way, each of some bytes',
  'api-server/http/body-budget.ts #chunks': 'limits.requestBytesMax, and limits.bodiesBytesMax together',
  'api-server/http/answer-head.ts #newest': '256 lines of 1 KiB',
  'api-server/http/gathering.ts #spare': 'buffers of 128 KiB, a few',
  'api-server/http/http2-session.ts #incomplete': 'streams of one connection, 250',
  'api-server/http/http2-session.ts #lasting': 'streams of one connection, 250',
  'api-server/watch-response.ts #waiting': 'objects of the store, and limits.streamWaitingBytesMax of later ones',
  'api-server/request-infos.ts #remembered': 'a memo in bytes for each known method',
  'api-server/request-meter.ts #alike': 'known verbs, resources, subresources and scopes',
  'api-server/request-record.ts #warnings': 'one request',
  'api-server/query.ts #values': 'one request, limits.queryParametersMax',
  'api-server/auth/authentication.ts #users': '20,000 identities that held',
  'api-server/auth/remembered-tokens.ts #byToken': '20,000 tokens of 4 KiB that held',
  'api-server/auth/remembered-tokens.ts #tied': 'as #byToken',
  'api-server/auth/rbac/rbac.ts #bindings': 'namespaces with bindings, and 10,000 short names without',
  'api-server/audit/batch.ts #waiting': 'limits.auditWaitingBytesMax',
  'api-server/audit/event.ts #statuses': 'codes of answers',
  'api-server/audit/refusal-budget.ts #callers': '2,000 names of 128 characters',
  'api-server/fair-jobs.ts #waiting': 'limits.yamlWaitingAllMax',
  'api-server/fair-jobs.ts #counts': 'limits.yamlWaitingAllMax',
  'api-server/flow/fair-queues.ts #queues': 'queue lengths of the priority level',
  'api-server/nats/body-upload.ts #pieces': 'limits.requestBytesMax, limits.uploadsMax together',
  'api-server/nats/body-upload.ts #bySender': 'limits.uploadsMax',
  'api-server/nats/outgoing-stream.ts #waiting': 'limits.streamWaitingBytesMax',
  'api-server/nats/collected-answer.ts #pieces': 'one answer',
  'api-server/watch-response.ts #early': 'the time until a watch is open',
  'api-server/streams/node-connection.ts #waiting': 'the window of one stream',
  'api-server/streams/node-connection.ts #early': 'the window of one stream',
  'api-server/streams/spdy-session.ts #streams': 'streams of one connection',
  'api-server/streams/spdy-session.ts #early': 'frames before a listener is there',
  'api-server/streams/spdy-streams.ts #byChannel': 'channels of one connection',
  'api-server/streams/spdy-streams.ts #connections': 'streams of one connection',
  'api-server/participants/controller-names.ts #holdings': '64 controllers',
  'api-server/participants/external-controller.ts #instances': '64 controllers',
  'api-server/participants/external-controller.ts #ending': '64 controllers',
  'api-server/aggregation/aggregated-openapi.ts #told': 'group versions of servers that are asked',
  'api-server/paths/openapi-documents.ts #documents': 'group versions that are served',
  'api-server/paths/discovery.ts #documents': 'group versions that are served',
  'api-server/resource-metrics/usage-store.ts #reports': 'nodes of the cluster',
  'resources/renewals/renewal-book.ts #nodes': 'nodes whose agents were heard within ten minutes',
  'resources/events/event-correlator.ts #entries': '4,096 objects or messages, each of up to ten messages of 1 KiB',
  'resources/events/event-recorder.ts #waiting': '1,000 events',
  'resources/admission/policies/access-answers.ts #known': 'one request',
  'resources/admission/policies/access-answers.ts #waiting': 'one request',
  'resources/admission/reinvocation.ts #mayLookAgain': 'one request',
  'resources/admission/reinvocation.ts #lookAgain': 'one request',
  'api/kinds/apiextensions/rule-costs.ts #dearest': 'one definition that is checked',
  'api/cel/source-forms.ts #pieces': 'one expression, limits.celSourceMax',
  'api/cel/source-forms.ts #open': 'one expression',
  'api/cel/source-forms.ts #objects': 'one expression',
  // What is open: an entry for each connection, stream or member.
  'api-server/http/http-door.ts #connections': 'open connections',
  'api-server/nats/connection-review.ts #admitted': 'open connections',
  'api-server/nats/nats-door.ts #streams': 'open streams',
  'api-server/standing-answers.ts #byUser': 'users with open answers',
  'api-server/standing-answers.ts #standing': 'open answers',
  'bus/peer-links.ts #links': 'members',
  'bus/peer-links.ts #known': 'members',
  'bus/peer-links.ts #dialling': 'members',
  'bus/peer-links.ts #sockets': 'links of members',
  'bus/framed-socket.ts #parts': 'one frame of a member',
  // What the configuration or the program has.
  'api-server/flow/flow-control.ts #levels': 'priority levels',
  'api-server/flow/flow-control.ts #routes': 'flow schemas',
  'api-server/flow/flow-control.ts #figures': 'flow schemas, and those that were until they are measured',
  'api-server/auth/withdrawals.ts #listeners': 'parts of the program',
  'api-server/http/webhook-call.ts #agents': 'webhooks',
  'api-server/paths/health.ts #counts': 'health checks',
  'resources/clients/change-listeners.ts #all': 'parts of the program',
  'resources/clients/change-listeners.ts #hearing': 'kinds',
  'platform/metrics-registry.ts #families': 'metrics of the table',
  'platform/disk-cipher.ts #keys': 'keys of the disk',
};

const collection = /^\s+(?:readonly )?(#\w+)(?:: [^=\n]+)? = (?:new (?:Map|Set|BoundedQueue)\b|\[\])/gm;

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.(test|fixture|suite)\.ts$|(^|\/)testing\/|simulated/.test(file))
    .map((file) => join(folder, file));
}

test('what holds collections has a bound that somebody has thought of', (t) => {
  const found = folders
    .flatMap(sources)
    .flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(collection)].map(([, name]) => `${file.slice(4)} ${String(name)}`),
    );
  t.true(found.length > 50);
  const unknown = found.filter((name) => bounded[name] === undefined);
  t.deepEqual(unknown, [], 'say here what bounds them, in bytes where clients choose what they hold');
  t.deepEqual(
    Object.keys(bounded).filter((name) => !found.includes(name)),
    [],
    'these are no longer there',
  );
});
