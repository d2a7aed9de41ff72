/** Makes docs/asyncapi.json, the AsyncAPI document of the NATS subjects, from src/protocol. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { subjectsOf } from '../../src/bus/index.ts';
import { apiVerbs, doorHeaders } from '../../src/protocol/index.ts';
import { commentText, type Schema, typeSchemas } from './type-schemas.ts';

const protocol = resolve(import.meta.dirname, '..', '..', 'src', 'protocol');
const sourceOf = (file: string): string => readFileSync(join(protocol, file), 'utf8');
const ref = (place: string): Schema => ({ $ref: `#/${place}` });
const contentTypes = 'JSON (begins with a brace) or msgpack, told by the first byte; answered alike.';

/** Of a header the comment that stands above it in the source. */
function headerText(source: string, name: string): string {
  const comment = new RegExp(`(/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/)\\s*${name}:`).exec(source)?.[1];
  if (comment === undefined) throw new Error(`the header ${name} has no comment`);
  return commentText(comment);
}

/** A message whose payload is one of the protocol's types. */
function message(type: string, headers: readonly (keyof typeof doorHeaders)[], source: string): Schema {
  const known = Object.fromEntries(
    headers.map((name) => [doorHeaders[name], { type: 'string', description: headerText(source, name) }]),
  );
  const authorization =
    headers.includes('deadline') || type === 'Registration'
      ? { Authorization: { type: 'string', description: 'Bearer token of the API.' } }
      : {};
  return {
    name: type,
    contentType: 'application/json',
    description: contentTypes,
    headers: { type: 'object', properties: { ...authorization, ...known } },
    payload: ref(`components/schemas/${type}`),
  };
}

interface Channel {
  /** Absent: a subject that one side makes up (an inbox). */
  readonly address?: string;
  readonly description: string;
  readonly messages: readonly string[];
}

function channelsOf(): Record<string, Channel> {
  const subjects = subjectsOf('{cluster}');
  return {
    api: {
      address: subjects.api,
      description: 'Requests for the API: every verb, any path.',
      messages: ['ApiRequest'],
    },
    apiReply: {
      description: 'The reply subject of a request: one reply, or the messages of a stream.',
      messages: ['ApiReply', 'StreamMessage'],
    },
    streamControl: {
      description: "The reply subject of a stream's messages: acknowledgements, input, the end.",
      messages: ['ControlMessage'],
    },
    participants: {
      address: subjects.participants,
      description: 'Where external controllers register.',
      messages: ['Registration'],
    },
    registrationReply: {
      description: 'The reply to a registration; its reply subject is the control subject.',
      messages: ['ApiReply'],
    },
    participantInbox: {
      description: 'The inbox that an external controller named: what it is to look at.',
      messages: ['ReconcileRequest'],
    },
    participantReply: { description: 'The reply subject of a reconcile request.', messages: ['ReconcileAnswer'] },
    participantControl: {
      description: 'The control subject of an external controller: heartbeats.',
      messages: ['ParticipantControl'],
    },
    events: {
      address: subjects.event('{group}', '{resource}', { namespace: '{namespace}', name: '{name}' }),
      description:
        'The change feed: each applied change once, at most once. ' +
        'Group `core` for the core group, namespace `_` for cluster-wide kinds.',
      messages: ['ChangeEvent'],
    },
    actor: {
      address: subjects.actor('{kind}/{shard}/{namespace}/{name}'),
      description: 'Asks the actor of a resource (administrators). The shard follows from kind and name.',
      messages: ['ActorQuestion'],
    },
    actorReply: { description: "The reply of a resource's actor.", messages: ['ActorAnswer'] },
  };
}

/** What has no type of its own in src/protocol. */
const moreSchemas: Readonly<Record<string, Schema>> = {
  ChangeEvent: {
    type: 'object',
    properties: {
      type: { type: 'string', enum: ['ADDED', 'MODIFIED', 'DELETED'] },
      object: { type: 'object', description: 'The object; of Secrets and of very large objects the identity only.' },
    },
    required: ['type', 'object'],
  },
  ActorQuestion: {
    type: 'object',
    properties: { type: { type: 'string', enum: ['describe', 'state', 'events'] } },
    required: ['type'],
  },
  ActorAnswer: {
    oneOf: [
      { type: 'object', properties: { answer: {} }, required: ['answer'] },
      {
        type: 'object',
        properties: {
          error: {
            type: 'string',
            enum: ['timeout', 'mailbox-full', 'stopped', 'crashed', 'unreachable', 'not-understood'],
          },
        },
        required: ['error'],
      },
    ],
  },
};

const operations: Readonly<
  Record<
    string,
    { readonly action: 'send' | 'receive'; readonly channel: string; readonly reply?: string; readonly summary: string }
  >
> = {
  request: {
    action: 'receive',
    channel: 'api',
    reply: 'apiReply',
    summary: 'Answers a request for the API, or opens a stream.',
  },
  steerStream: {
    action: 'receive',
    channel: 'streamControl',
    summary: "Takes acknowledgements and input of a stream's client.",
  },
  register: {
    action: 'receive',
    channel: 'participants',
    reply: 'registrationReply',
    summary: 'Takes an external controller under supervision.',
  },
  heartbeat: {
    action: 'receive',
    channel: 'participantControl',
    summary: 'Hears that an external controller lives, or leaves.',
  },
  reconcile: {
    action: 'send',
    channel: 'participantInbox',
    reply: 'participantReply',
    summary: 'Asks an external controller to look at an object.',
  },
  tellChange: { action: 'send', channel: 'events', summary: 'Tells of a change.' },
  askActor: { action: 'receive', channel: 'actor', reply: 'actorReply', summary: 'Asks the actor of a resource.' },
};

function renderedChannel({ address, description, messages }: Channel): Schema {
  const parameters = [...(address ?? '').matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return {
    address: address ?? null,
    description,
    messages: Object.fromEntries(messages.map((name) => [name, ref(`components/messages/${name}`)])),
    ...(parameters.length === 0
      ? {}
      : {
          parameters: Object.fromEntries(
            parameters.map((name) => [
              name,
              {
                description:
                  name === 'cluster'
                    ? "The cluster's name; `nats.json` says it."
                    : 'As in the address of the object; dots and blanks are written %2e, %20.',
              },
            ]),
          ),
        }),
  };
}

function renderedOperation({ action, channel, reply, summary }: (typeof operations)[string]): Schema {
  return {
    action,
    channel: ref(`channels/${channel}`),
    summary,
    ...(reply === undefined
      ? {}
      : { reply: { address: { location: '$message.header#/reply' }, channel: ref(`channels/${reply}`) } }),
  };
}

/** docs/asyncapi.json: the NATS door as an AsyncAPI 3 document, made from src/protocol and the subjects of src/bus. */
export function asyncapiDocument(): string {
  const api = sourceOf('api-request.ts');
  const schemas = { ...typeSchemas(api, { apiVerbs }), ...typeSchemas(sourceOf('participant.ts')), ...moreSchemas };
  const channels = channelsOf();
  const requestHeaders = ['window', 'deadline', 'epoch', 'trace'] as const;
  const pieceHeaders = ['chunks', 'chunk', 'message'] as const;
  const headersOf: Readonly<Record<string, readonly (keyof typeof doorHeaders)[]>> = {
    ApiRequest: requestHeaders,
    ApiReply: [...pieceHeaders, 'trace'],
    StreamMessage: pieceHeaders,
  };
  const messages = [...new Set(Object.values(channels).flatMap((channel) => channel.messages))];
  const { version } = JSON.parse(readFileSync(resolve(protocol, '..', '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  return `${JSON.stringify(
    {
      asyncapi: '3.0.0',
      info: {
        title: 'Troupe over NATS',
        version,
        description:
          'The Kubernetes API, external controllers and the change feed over NATS. nats.md explains it with examples.',
        license: { name: 'Apache-2.0' },
      },
      defaultContentType: 'application/json',
      servers: {
        member: {
          host: '{host}:{port}',
          protocol: 'nats',
          description: 'The NATS server of any member; `nats.json` lists them.',
          variables: { host: { default: '127.0.0.1' }, port: { default: '4222' } },
          security: [{ type: 'userPassword', description: 'A bearer token of the API as the NATS token.' }],
        },
      },
      channels: Object.fromEntries(Object.entries(channels).map(([name, channel]) => [name, renderedChannel(channel)])),
      operations: Object.fromEntries(
        Object.entries(operations).map(([name, operation]) => [name, renderedOperation(operation)]),
      ),
      components: {
        messages: Object.fromEntries(messages.map((name) => [name, message(name, headersOf[name] ?? [], api)])),
        schemas,
      },
    },
    null,
    1,
  )}\n`;
}
