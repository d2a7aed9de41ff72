import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Metadata,
  Server,
  ServerCredentials,
  status as codes,
  type ServiceDefinition,
  type handleUnaryCall,
} from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import {
  readBytes,
  readString,
  readTag,
  wireReader,
  wireWriter,
  writeBytes,
  writeMessage,
  writeString,
  written,
} from '../../api/index.ts';
import { silentLogger, silentMetrics } from '../../base/index.ts';
import { systemClock, systemDisk, systemRandom, systemTimers } from '../../platform/index.ts';
import { openStore, type StoreMember } from '../../state/index.ts';
import { homeAt } from '../process/index.ts';
import { readDataKeys } from './data-keys.ts';
import { grpcCalls } from './grpc-call.ts';
import { kmsService } from './kms-service.ts';
import { storeEncryption } from './store-encryption.ts';

/** What a plug-in is asked, and what it may be made to say; its server is gRPC's own for Node. */
interface Plugin {
  readonly socket: string;
  readonly keys: Map<string, Buffer>;
  keyId: string;
  healthz: string;
  version: string;
  asked: string[];
  close(): void;
}

type Fields = Readonly<Record<number, Uint8Array>>;

function fieldsOf(message: Uint8Array): Fields {
  const reader = wireReader(message);
  const found: Record<number, Uint8Array> = {};
  for (let tag = readTag(reader); tag !== undefined; tag = readTag(reader))
    found[tag.field] = Uint8Array.from(readBytes(reader));
  return found;
}

function message(fill: (writer: ReturnType<typeof wireWriter>) => void): Buffer {
  const writer = wireWriter();
  fill(writer);
  return Buffer.from(written(writer));
}

const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

function encrypt(plugin: Plugin, fields: Fields): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', plugin.keys.get(plugin.keyId) ?? Buffer.alloc(32), nonce);
  const sealed = Buffer.concat([
    nonce,
    cipher.update(fields[1] ?? Buffer.alloc(0)),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return message((writer) => {
    writeBytes(writer, 1, sealed);
    writeString(writer, 2, plugin.keyId);
    writeMessage(writer, 3, (entry) => {
      writeString(entry, 1, 'uid.kms.example.com');
      writeBytes(entry, 2, fields[2] ?? Buffer.alloc(0));
    });
  });
}

function decrypt(plugin: Plugin, fields: Fields): Buffer {
  const [sealed, entry] = [Buffer.from(fields[1] ?? []), wireReader(fields[4] ?? Buffer.alloc(0))];
  readTag(entry);
  const name = readString(entry);
  readTag(entry);
  if (name !== 'uid.kms.example.com' || readString(entry) !== textOf(fields[2]))
    throw new Error('the annotations are others');
  const key = plugin.keys.get(textOf(fields[3]));
  if (key === undefined) throw new Error(`there is no key "${textOf(fields[3])}"`);
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(-16));
  return message((writer) => {
    writeBytes(writer, 1, Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]));
  });
}

const methods: Readonly<Record<string, (plugin: Plugin, fields: Fields) => Buffer>> = {
  Status: ({ version, healthz, keyId }) =>
    message((writer) => {
      writeString(writer, 1, version);
      writeString(writer, 2, healthz);
      writeString(writer, 3, keyId);
    }),
  Encrypt: encrypt,
  Decrypt: decrypt,
};

async function startPlugin(t: ExecutionContext): Promise<Plugin> {
  const socket = join(mkdtempSync(join(tmpdir(), 'troupe-kms-')), 'kms.sock');
  const server = new Server();
  const plugin: Plugin = {
    socket,
    keys: new Map([['one', randomBytes(32)]]),
    keyId: 'one',
    healthz: 'ok',
    version: 'v2',
    asked: [],
    close: () => {
      server.forceShutdown();
    },
  };
  const bytes = {
    requestSerialize: Buffer.from,
    requestDeserialize: (value: Buffer) => value,
    responseSerialize: (value: Buffer) => value,
    responseDeserialize: (value: Buffer) => value,
  };
  const service: ServiceDefinition = Object.fromEntries(
    Object.keys(methods).map((name) => [
      name,
      { path: `/v2.KeyManagementService/${name}`, requestStream: false, responseStream: false, ...bytes },
    ]),
  );
  server.addService(
    service,
    Object.fromEntries(
      Object.entries(methods).map(([name, answer]) => [
        name,
        ((call, reply) => {
          plugin.asked.push(name);
          try {
            reply(null, answer(plugin, fieldsOf(call.request)));
          } catch (error) {
            reply({
              code: codes.INVALID_ARGUMENT,
              details: error instanceof Error ? error.message : '',
              metadata: new Metadata(),
            });
          }
        }) satisfies handleUnaryCall<Buffer, Buffer>,
      ]),
    ),
  );
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
  t.teardown(plugin.close);
  return plugin;
}

const serviceOf = (socket: string, timeoutMs = 3_000): ReturnType<typeof kmsService> =>
  kmsService(grpcCalls(socket, { timers: systemTimers, timeoutMs }));

test('a secret goes to the plug-in and comes back, with its key and what the plug-in noted', async (t) => {
  const plugin = await startPlugin(t);
  const service = serviceOf(plugin.socket);
  t.deepEqual(await service.status(), { keyId: 'one' });
  const secret = randomBytes(32);
  const sealed = await service.encrypt(secret, 'u-1');
  t.deepEqual([sealed.keyId, [...sealed.annotations.keys()]], ['one', ['uid.kms.example.com']]);
  t.false(Buffer.from(sealed.ciphertext).includes(secret));
  t.deepEqual(Buffer.from(await service.decrypt(sealed, 'u-1')), secret);
});

test('what a plug-in refuses, and what no plug-in answers, is told in its words', async (t) => {
  const plugin = await startPlugin(t);
  const service = serviceOf(plugin.socket);
  const sealed = await service.encrypt(randomBytes(32), 'u-1');
  await t.throwsAsync(service.decrypt({ ...sealed, keyId: 'none' }, 'u-1'), { message: 'there is no key "none"' });
  await t.throwsAsync(service.decrypt(sealed, 'u-2'), { message: 'the annotations are others' });
  plugin.healthz = 'the safe is shut';
  await t.throwsAsync(service.status(), { message: 'the KMS plug-in is not well: the safe is shut' });
  [plugin.healthz, plugin.version] = ['ok', 'v1beta1'];
  await t.throwsAsync(service.status(), { message: 'the KMS plug-in speaks "v1beta1", not v2' });
  plugin.close();
  await t.throwsAsync(service.status(), { name: 'GrpcError' });
  await t.throwsAsync(serviceOf('/nowhere/kms.sock').status(), {
    name: 'GrpcError',
    message: /^\/nowhere\/kms\.sock: .*ENOENT/,
  });
});

function put(store: StoreMember, key: string, text: string): Promise<unknown> {
  const value = JSON.stringify({ metadata: { resourceVersion: '' }, data: { password: text } });
  return store.transact({
    compares: [],
    operations: [
      {
        type: 'put',
        key,
        value: new TextEncoder().encode(value),
        index: { uid: key, labels: {}, fields: {}, owners: [] },
        revisionAt: value.indexOf('""') + 1,
      },
    ],
  });
}

const filesWith = (folder: string, text: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));

/** A home whose store is opened again and again, by the key of the plug-in or by the file. */
function place(plugin: Plugin) {
  const home = homeAt(mkdtempSync(join(tmpdir(), 'troupe-kms-home-')));
  for (const folder of [home.pki, home.data]) mkdirSync(folder);
  const storeFolder = join(home.data, 'store');
  const looks: (() => void)[] = [];
  const timers = {
    after: systemTimers.after,
    every: (_ms: number, call: () => void) => {
      looks.push(call);
      return { cancel: () => undefined };
    },
  };
  const encryption = (endpoint = `unix://${plugin.socket}`) =>
    storeEncryption({
      home,
      settings: { enabled: true, keysFile: '', kms: { endpoint, timeoutMs: 3_000 } },
      storeFolder,
      timers,
      log: silentLogger,
    });
  const open = async (endpoint?: string): Promise<StoreMember> => {
    const opened = await encryption(endpoint);
    const store = await openStore({
      member: 'm',
      voters: ['m'],
      folder: storeFolder,
      disk: opened?.disk(systemDisk) ?? systemDisk,
      clock: systemClock,
      timers: systemTimers,
      random: systemRandom,
      log: silentLogger,
      metrics: silentMetrics,
      segmentBytes: 256 * 1024,
    });
    opened?.follow(store);
    return store;
  };
  return { home, storeFolder, open, looks };
}

test("a store is read again with the plug-in's key, and not without it", async (t) => {
  const plugin = await startPlugin(t);
  const { home, open } = place(plugin);
  const first = await open();
  await put(first, '/core/secrets/n/s', 'needle-in-the-store');
  await first.close();
  t.deepEqual(filesWith(home.folder, 'needle-in-the-store'), []);
  t.false(existsSync(join(home.pki, 'encryption-keys.json')));
  const second = await open();
  t.true(textOf(second.get('/core/secrets/n/s')?.bytes).includes('needle-in-the-store'));
  await second.close();
  await t.throwsAsync(open(''), { message: /is encrypted by kms:one; set encryption\.kms\.endpoint/ });
  plugin.keys.clear();
  await t.throwsAsync(open(), { message: /cannot decrypt the store: there is no key "one"/ });
});

test('a store of the keys file moves to the plug-in, and away from a key that the plug-in changes', async (t) => {
  const plugin = await startPlugin(t);
  const { storeFolder, open, looks } = place(plugin);
  const byFile = await open('');
  await put(byFile, '/core/secrets/n/s', 'kept');
  await byFile.close();
  const names = (): string => [...new Set(readDataKeys(storeFolder).map(({ by }) => by))].join();
  const until = async (wanted: string): Promise<void> => {
    for (let i = 0; i < 3_000 && names() !== wanted; i++) {
      looks.at(-1)?.();
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
    t.is(names(), wanted);
  };
  const moved = await open();
  await until('kms:one');
  await moved.close();
  plugin.keys.set('two', randomBytes(32));
  plugin.keyId = 'two';
  const again = await open();
  await until('kms:two');
  plugin.keys.delete('one');
  await again.close();
  const last = await open();
  t.true(textOf(last.get('/core/secrets/n/s')?.bytes).includes('kept'));
  await last.close();
});
