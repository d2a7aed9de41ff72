import { Agent, request } from 'node:https';
import protobuf from 'protobufjs';

/**
 * Bodies of a client that speaks protobuf only, described by hand from the published .proto files: independent of
 * Troupe's own tables.
 */
const { root } = protobuf.parse(`
syntax = "proto2";
message TypeMeta { optional string apiVersion = 1; optional string kind = 2; }
message Unknown {
  optional TypeMeta typeMeta = 1; optional bytes raw = 2;
  optional string contentEncoding = 3; optional string contentType = 4;
}
message ObjectMeta {
  optional string name = 1; optional string generateName = 2; optional string namespace = 3;
  optional string uid = 5; optional string resourceVersion = 6; map<string, string> labels = 11;
}
message ListMeta { optional string selfLink = 1; optional string resourceVersion = 2; optional string continue = 3; }
message ConfigMap {
  optional ObjectMeta metadata = 1; map<string, string> data = 2;
  map<string, bytes> binaryData = 3; optional bool immutable = 4;
}
message ConfigMapList { optional ListMeta metadata = 1; repeated ConfigMap items = 2; }
message RawExtension { optional bytes raw = 1; }
message WatchEvent { optional string type = 1; optional RawExtension object = 2; }
message Status {
  optional ListMeta metadata = 1; optional string status = 2; optional string message = 3;
  optional string reason = 4; optional int32 code = 6;
}
`);
const contentType = 'application/vnd.kubernetes.protobuf';
const magic = Buffer.from('k8s\0');

export type Decoded = Readonly<Record<string, unknown>>;

export function encode(kind: string, apiVersion: string, value: object): Buffer {
  const raw = root.lookupType(kind).encode(root.lookupType(kind).fromObject(value)).finish();
  const unknown = root.lookupType('Unknown');
  return Buffer.concat([magic, unknown.encode(unknown.fromObject({ typeMeta: { apiVersion, kind }, raw })).finish()]);
}

export function decode(body: Buffer): { readonly kind: string; readonly value: Decoded } {
  if (!body.subarray(0, 4).equals(magic))
    throw new Error(`not a protobuf answer: ${body.toString('utf8').slice(0, 200)}`);
  const unknown = root.lookupType('Unknown').decode(body.subarray(4)) as unknown as {
    typeMeta: { kind: string };
    raw: Uint8Array;
  };
  const type = root.lookupType(unknown.typeMeta.kind);
  return { kind: unknown.typeMeta.kind, value: type.toObject(type.decode(unknown.raw), { bytes: String }) };
}

/** One exchange; the body goes and comes as protobuf. */
export function call(
  server: { readonly url: string; readonly token: string; readonly ca: string },
  options: { readonly method: string; readonly path: string; readonly body?: Buffer },
): Promise<{ readonly status: number; readonly type: string; readonly body: Buffer }> {
  const agent = new Agent({ ca: server.ca });
  return new Promise((resolve, reject) => {
    const sent = request(
      `${server.url}${options.path}`,
      {
        method: options.method,
        agent,
        headers: {
          authorization: `Bearer ${server.token}`,
          accept: contentType,
          ...(options.body === undefined ? {} : { 'content-type': contentType }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
        });
        response.once('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            body: Buffer.concat(chunks),
          });
        });
      },
    );
    sent.once('error', reject);
    sent.end(options.body);
  });
}

/** The frames of a protobuf watch: a length in four bytes, then an event whose object is an envelope of its own. */
export function watchEvents(
  body: Buffer,
): readonly { readonly type: string; readonly kind: string; readonly value: Decoded }[] {
  const events = [];
  for (let at = 0; at + 4 <= body.length;) {
    const length = body.readUInt32BE(at);
    const event = root.lookupType('WatchEvent').decode(body.subarray(at + 4, at + 4 + length)) as unknown as {
      type: string;
      object: { raw: Uint8Array };
    };
    events.push({ type: event.type, ...decode(Buffer.from(event.object.raw)) });
    at += 4 + length;
  }
  return events;
}
