import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { systemClock } from '../platform/index.ts';
import { decodeGrpc, encodeGrpc } from './codec.ts';
import {
  criTable,
  deviceTable,
  csiTable,
  grpcCodes,
  type GrpcError,
  grpcConnection,
  GrpcFailure,
  grpcService,
  parseTable,
  podResourcesTable,
  registrationTable,
  serveGrpc,
} from './index.ts';
import type { GrpcField, GrpcSchema } from './schema.ts';

const csi = parseTable(csiTable);
const registration = parseTable(registrationTable);
const cri = parseTable(criTable);

interface Facts {
  readonly package: string;
  readonly enums: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly messages: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly services: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const factsFile = join(import.meta.dirname, '..', '..', '..', 'shared', 'kubernetes', 'grpc-fields.json');
const kinds: Readonly<Record<string, string>> = { map: 'map<string,string>', time: '.google.protobuf.Timestamp' };
const wrappers = {
  bool: '.google.protobuf.BoolValue',
  int64: '.google.protobuf.Int64Value',
  uint64: '.google.protobuf.UInt64Value',
};

function inWords({ kind, number, repeated, oneof }: GrpcField): string {
  const type =
    kind.type === 'message' || kind.type === 'enum'
      ? kind.name
      : kind.type === 'wrapped'
        ? wrappers[kind.of]
        : (kinds[kind.type] ?? kind.type);
  return `${number} ${repeated ? 'repeated ' : ''}${type}${oneof === undefined ? '' : ` oneof ${oneof}`}`;
}

/** The table in the form of the facts. */
const asFacts = (schema: GrpcSchema): Facts => ({
  package: schema.package,
  enums: Object.fromEntries([...schema.enums].map(([name, values]) => [name, Object.fromEntries(values)])),
  messages: Object.fromEntries(
    [...schema.messages].map(([name, fields]) => [
      name,
      Object.fromEntries(fields.map((field) => [field.wireName, inWords(field)])),
    ]),
  ),
  services: Object.fromEntries(
    [...schema.services].map(([name, methods]) => [
      name,
      Object.fromEntries(
        [...methods].map(([method, types]) => [
          method,
          `${types.streams ? 'server-stream ' : ''}${types.request} -> ${types.response}`,
        ]),
      ),
    ]),
  ),
});

const compared = existsSync(factsFile) ? test : test.skip;
if (!existsSync(factsFile)) console.log('a test is skipped: the reference facts of gRPC are not beside this checkout');

compared('the tables say what the published definitions say', (t) => {
  const facts = JSON.parse(readFileSync(factsFile, 'utf8')) as Readonly<Record<string, Facts>>;
  t.deepEqual(asFacts(csi), facts['csi (Container Storage Interface)']);
  t.deepEqual(asFacts(registration), facts['plugin registration (pluginregistration)']);
  t.deepEqual(asFacts(parseTable(deviceTable)), facts['device plug-ins (v1beta1)']);
  t.deepEqual(asFacts(parseTable(podResourcesTable)), facts['pod resources (v1)']);
  assertPart(t, asFacts(cri), facts['cri (runtime.v1)']);
});

/** CRI's table leaves out what a node does not use; it has wrappers of its own. */
function assertPart(t: ExecutionContext, part: Facts, whole: Facts | undefined): void {
  t.is(part.package, whole?.package ?? '');
  t.true(Object.keys(part.messages).length > 60);
  for (const heading of ['enums', 'messages', 'services'] as const)
    for (const [name, lines] of Object.entries(part[heading])) {
      const known = whole?.[heading][name] ?? {};
      for (const [key, value] of Object.entries(lines))
        t.is(String(value).replace('.google.protobuf.', ''), String(known[key]), `${name} ${key}`);
    }
}

test('a message comes back as it was, and what was left out reads as proto3 says', (t) => {
  const capability = { block: undefined, mount: { fsType: 'ext4', mountFlags: ['noatime', ''], volumeMountGroup: '' } };
  const request = {
    volumeId: 'v',
    publishContext: { a: '', ä: 'ö' },
    stagingTargetPath: '',
    volumeCapability: { ...capability, accessMode: { mode: 'SINGLE_NODE_WRITER' } },
    secrets: {},
    volumeContext: {},
  };
  const type = 'NodeStageVolumeRequest';
  t.deepEqual(decodeGrpc(csi, type, encodeGrpc(csi, type, request)), request);
  t.deepEqual(decodeGrpc(csi, 'ProbeResponse', new Uint8Array()), { ready: undefined });
  t.deepEqual(decodeGrpc(csi, 'ProbeResponse', encodeGrpc(csi, 'ProbeResponse', { ready: false })), { ready: false });
  t.deepEqual(decodeGrpc(csi, 'NodeGetInfoResponse', new Uint8Array()), {
    nodeId: '',
    maxVolumesPerNode: 0,
    accessibleTopology: undefined,
  });
  const unknown = Uint8Array.from([0x08, 0x63]);
  t.deepEqual(decodeGrpc(csi, 'NodeServiceCapability.RPC', unknown), { type: '99' });
});

test('numbers of a list are read one by one, and packed as proto3 has them by default', (t) => {
  const table = parseTable(podResourcesTable);
  const cpuIds = (...bytes: number[]): unknown =>
    decodeGrpc(table, 'AllocatableResourcesResponse', Uint8Array.from(bytes))['cpuIds'];
  t.deepEqual(cpuIds(0x10, 1, 0x10, 0, 0x10, 0x96, 1), [1, 0, 150]);
  t.deepEqual(cpuIds(0x12, 4, 1, 0, 0x96, 1), [1, 0, 150]);
  t.deepEqual(cpuIds(0x12, 1, 1, 0x10, 2), [1, 2]);
});

test('bytes that are no message are refused and never more than that', (t) => {
  const names = [...csi.messages.keys()];
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.uint8Array({ maxLength: 60 }), (name, bytes) => {
      try {
        return typeof decodeGrpc(csi, name, bytes) === 'object';
      } catch (error) {
        return (error as Error).name === 'ProtobufError';
      }
    }),
  );
  t.pass();
});

const socketIn = (t: { teardown(job: () => void): void }): string => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-grpc-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return join(folder, 'plugin.sock');
};

test('a call reaches a plug-in with its message, and its refusal comes back as code and message', async (t) => {
  const socket = socketIn(t);
  const server = await serveGrpc(socket, [
    {
      schema: csi,
      service: 'Node',
      handlers: {
        NodeUnstageVolume: ({ volumeId }: { readonly volumeId: string }) => {
          if (volumeId === 'busy') throw new GrpcFailure(grpcCodes.aborted, 'an operation is under way');
          if (volumeId === 'broken') throw new Error('no disk');
          return {};
        },
        NodeGetInfo: () => ({ nodeId: 'n', maxVolumesPerNode: 7, accessibleTopology: { segments: { zone: 'a' } } }),
      },
    },
  ]);
  t.teardown(() => {
    server.close();
  });
  const call = grpcService(csi, 'Node', { socketPath: socket, clock: systemClock });
  const within = { deadlineMs: 5_000 };
  t.deepEqual(await call('NodeGetInfo', {}, within), {
    nodeId: 'n',
    maxVolumesPerNode: 7,
    accessibleTopology: { segments: { zone: 'a' } },
  });
  t.deepEqual(await call('NodeUnstageVolume', { volumeId: 'v' }, within), {});
  const refusal = async (method: string, request: object): Promise<readonly [number, string]> => {
    const { code, message } = (await t.throwsAsync(call(method, { ...request }, within))) as GrpcError;
    return [code, message];
  };
  t.deepEqual(await refusal('NodeUnstageVolume', { volumeId: 'busy' }), [10, 'an operation is under way']);
  t.deepEqual(await refusal('NodeUnstageVolume', { volumeId: 'broken' }), [13, 'no disk']);
  t.is((await refusal('NodeStageVolume', {}))[0], grpcCodes.unimplemented);
});

test('a plug-in that hangs, is absent or speaks something else costs no more than the deadline', async (t) => {
  const socket = socketIn(t);
  const call = grpcService(csi, 'Node', { socketPath: socket, clock: systemClock });
  const failure = async (): Promise<number> =>
    ((await t.throwsAsync(call('NodeGetInfo', {}, { deadlineMs: 300 }))) as GrpcError).code;
  t.is(await failure(), grpcCodes.unavailable);
  writeFileSync(socket, 'a file');
  t.is(await failure(), grpcCodes.unavailable);
  rmSync(socket);
  const held: Socket[] = [];
  const silent = createServer((connection) => {
    held.push(connection.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => {
    silent.listen(socket, resolve);
  });
  t.is(await failure(), grpcCodes.deadlineExceeded);
  for (const connection of held) connection.destroy();
  await new Promise((resolve) => silent.close(resolve));
  const babbling = createServer((connection) => {
    connection.on('error', () => undefined).end('220 hello\r\n');
  });
  await new Promise<void>((resolve) => {
    babbling.listen(socket, resolve);
  });
  t.true(
    ([grpcCodes.unavailable, grpcCodes.internal, grpcCodes.deadlineExceeded] as number[]).includes(await failure()),
  );
  babbling.close();
  const far = grpcService(csi, 'Node', { socketPath: `/${'x'.repeat(120)}/csi.sock`, clock: systemClock });
  const tooLong = (await t.throwsAsync(far('NodeGetInfo', {}, { deadlineMs: 300 }))) as GrpcError;
  t.regex(tooLong.message, /longer than 107 bytes/);
});

test('a kept connection meets a server that was restarted, and hears a stream of answers to its end', async (t) => {
  const socket = socketIn(t);
  const serve = (version: string): ReturnType<typeof serveGrpc> =>
    serveGrpc(socket, [
      {
        schema: cri,
        service: 'RuntimeService',
        handlers: { Version: () => ({ runtimeName: 'fake', runtimeVersion: version }) },
        streams: {
          GetContainerEvents: (_request, send) => {
            send({ containerId: version, containerEventType: 'CONTAINER_STOPPED_EVENT', createdAt: -5 });
          },
        },
      },
    ]);
  const connection = grpcConnection(cri, { socketPath: socket, clock: systemClock });
  t.teardown(() => {
    connection.close();
  });
  const version = async (): Promise<unknown> =>
    (await connection.call('RuntimeService', 'Version', {}, { deadlineMs: 2_000 }))['runtimeVersion'];
  await t.throwsAsync(version(), { name: 'GrpcError' });
  for (const expected of ['1', '2']) {
    const server = await serve(expected);
    let answer: unknown;
    for (let tries = 0; answer !== expected && tries < 100; tries++) {
      answer = await version().catch(() => undefined);
      if (answer !== expected) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    t.is(answer, expected);
    const heard = new Promise<unknown>((resolve) => {
      let first: unknown;
      connection.stream(
        'RuntimeService',
        'GetContainerEvents',
        {},
        {
          message: (message) => {
            first = message;
            server.close();
          },
          end: () => {
            resolve(first);
          },
        },
      );
    });
    t.like(await heard, { containerId: expected, containerEventType: 'CONTAINER_STOPPED_EVENT', createdAt: -5 });
    rmSync(socket, { force: true });
  }
});
