/** The KMS v2 API of a plug-in, over gRPC. */
import {
  readBytes,
  readString,
  readTag,
  skipField,
  wireReader,
  type WireReader,
  wireWriter,
  writeBytes,
  writeMessage,
  writeString,
  written,
} from '../../api/index.ts';
import type { GrpcCall } from './grpc-call.ts';

type Annotations = ReadonlyMap<string, Uint8Array>;

/** What a plug-in made of a secret. */
interface Sealed {
  readonly ciphertext: Uint8Array;
  /** The key that it used. */
  readonly keyId: string;
  /** What it wants to be given again. */
  readonly annotations: Annotations;
}

/** A key management service as Kubernetes' KMS plug-ins offer it (k8s.io/kms/apis/v2). */
export interface KmsService {
  /** Rejects unless the plug-in speaks v2 and says that it is well. */
  status(): Promise<{ readonly keyId: string }>;
  encrypt(secret: Uint8Array, uid: string): Promise<Sealed>;
  decrypt(sealed: Sealed, uid: string): Promise<Uint8Array>;
}

const versions: readonly string[] = ['v2', 'v2beta1'];
/** Bounds of a key's id, of a ciphertext and of all annotations (as in kube-apiserver). */
const bytesMax = { keyId: 1024, ciphertext: 1024, annotations: 32 * 1024 };

export function kmsService(call: GrpcCall): KmsService {
  const at = (method: string): string => `/v2.KeyManagementService/${method}`;
  return {
    async status() {
      const { version, healthz, keyId } = readStatus(await call(at('Status'), new Uint8Array(0)));
      if (!versions.includes(version)) throw new Error(`the KMS plug-in speaks ${JSON.stringify(version)}, not v2`);
      if (healthz !== 'ok') throw new Error(`the KMS plug-in is not well: ${healthz}`);
      return { keyId: checkedKeyId(keyId) };
    },
    async encrypt(secret, uid) {
      const writer = wireWriter();
      writeBytes(writer, 1, secret);
      writeString(writer, 2, uid);
      return checked(readSealed(await call(at('Encrypt'), written(writer))));
    },
    async decrypt({ ciphertext, keyId, annotations }, uid) {
      const writer = wireWriter();
      writeBytes(writer, 1, ciphertext);
      writeString(writer, 2, uid);
      writeString(writer, 3, keyId);
      for (const [key, value] of annotations)
        writeMessage(writer, 4, (entry) => {
          writeString(entry, 1, key);
          writeBytes(entry, 2, value);
        });
      return readPlain(await call(at('Decrypt'), written(writer)));
    },
  };
}

function checkedKeyId(keyId: string): string {
  if (keyId === '' || Buffer.byteLength(keyId) > bytesMax.keyId)
    throw new Error(
      `the KMS plug-in names its key by ${String(Buffer.byteLength(keyId))} bytes; ` +
        `1 to ${String(bytesMax.keyId)} are allowed`,
    );
  return keyId;
}

function checked(sealed: Sealed): Sealed {
  checkedKeyId(sealed.keyId);
  const { ciphertext, annotations } = sealed;
  if (ciphertext.byteLength === 0 || ciphertext.byteLength > bytesMax.ciphertext)
    throw new Error(
      `the KMS plug-in gave ${String(ciphertext.byteLength)} bytes of ciphertext; ` +
        `1 to ${String(bytesMax.ciphertext)} are allowed`,
    );
  const size = [...annotations].reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + value.byteLength, 0);
  if (size > bytesMax.annotations)
    throw new Error(
      `the KMS plug-in gave ${String(size)} bytes of annotations; ${String(bytesMax.annotations)} are allowed`,
    );
  return sealed;
}

/** Reads the fields of a message: each by the function for its number, others are passed over. */
function readFields(bytes: Uint8Array, fields: Readonly<Record<number, (reader: WireReader) => void>>): void {
  const reader = wireReader(bytes);
  for (let tag = readTag(reader); tag !== undefined; tag = readTag(reader)) {
    const read = tag.wire === 2 ? fields[tag.field] : undefined;
    if (read === undefined) skipField(reader, tag.wire);
    else read(reader);
  }
}

function readStatus(bytes: Uint8Array): { version: string; healthz: string; keyId: string } {
  const found = { version: '', healthz: '', keyId: '' };
  readFields(bytes, {
    1: (reader) => {
      found.version = readString(reader);
    },
    2: (reader) => {
      found.healthz = readString(reader);
    },
    3: (reader) => {
      found.keyId = readString(reader);
    },
  });
  return found;
}

function readSealed(bytes: Uint8Array): Sealed {
  let ciphertext: Uint8Array = new Uint8Array(0);
  let keyId = '';
  const annotations = new Map<string, Uint8Array>();
  readFields(bytes, {
    1: (reader) => {
      ciphertext = Uint8Array.from(readBytes(reader));
    },
    2: (reader) => {
      keyId = readString(reader);
    },
    3: (reader) => {
      let key = '';
      let value: Uint8Array = new Uint8Array(0);
      readFields(readBytes(reader), {
        1: (entry) => {
          key = readString(entry);
        },
        2: (entry) => {
          value = Uint8Array.from(readBytes(entry));
        },
      });
      annotations.set(key, value);
    },
  });
  return { ciphertext, keyId, annotations };
}

function readPlain(bytes: Uint8Array): Uint8Array {
  let plaintext: Uint8Array = new Uint8Array(0);
  readFields(bytes, {
    1: (reader) => {
      plaintext = Uint8Array.from(readBytes(reader));
    },
  });
  return plaintext;
}
