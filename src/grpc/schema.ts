/** Reads the tables of services, messages and enums. */

/** A method of a service, with the names of its messages. */
interface GrpcMethod {
  readonly request: string;
  readonly response: string;
  /** The server answers with any number of messages. */
  readonly streams: boolean;
}

/** What a field holds; `wrapped` types are google.protobuf's wrappers, whose absence means something. */
type FieldKind =
  | { readonly type: 'string' | 'bool' | 'int32' | 'int64' | 'uint32' | 'uint64' | 'map' | 'time' }
  | { readonly type: 'wrapped'; readonly of: 'bool' | 'int64' | 'uint64' }
  | { readonly type: 'message' | 'enum'; readonly name: string };

export interface GrpcField {
  /** As the definition has it: `volume_id`. */
  readonly wireName: string;
  /** As objects have it: `volumeId`. */
  readonly name: string;
  readonly number: number;
  readonly repeated: boolean;
  readonly oneof: string | undefined;
  readonly kind: FieldKind;
}

/** Everything that one table says. */
export interface GrpcSchema {
  readonly package: string;
  readonly services: ReadonlyMap<string, ReadonlyMap<string, GrpcMethod>>;
  readonly messages: ReadonlyMap<string, readonly GrpcField[]>;
  /** Names to numbers. */
  readonly enums: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

const scalars: Readonly<Record<string, FieldKind>> = {
  s: { type: 'string' },
  b: { type: 'bool' },
  i32: { type: 'int32' },
  i64: { type: 'int64' },
  u32: { type: 'uint32' },
  u64: { type: 'uint64' },
  m: { type: 'map' },
  time: { type: 'time' },
  'b?': { type: 'wrapped', of: 'bool' },
  'i64?': { type: 'wrapped', of: 'int64' },
  'u64?': { type: 'wrapped', of: 'uint64' },
};

/** What stands under one heading of a table. */
interface Section {
  readonly heading: string;
  readonly name: string;
  readonly lines: readonly string[];
}

/**
 * Reads a table:
 *
 *   package csi.v1
 *   service Node
 *     NodeGetInfo                      a method with NodeGetInfoRequest and NodeGetInfoResponse
 *     GetInfo InfoRequest PluginInfo   a method whose messages have other names; `stream` after them: many answers
 *   values VolumeUsage.Unit              an enum
 *     BYTES 1
 *   message Volume
 *     capacity_bytes:1:i64             name, number, type: s b i32 i64 u32 u64 time, m (strings by string),
 *                                      b? i64? u64? (wrappers),
 *     block:1:Some.Message|choice      a message or an enum, [] before it: repeated, | after it: member of a oneof
 */
export function parseTable(text: string): GrpcSchema {
  const sections = sectionsOf(text);
  const named = (heading: string): readonly Section[] => sections.filter((section) => section.heading === heading);
  const enums = new Map(named('values').map(({ name, lines }) => [name, new Map(lines.map(enumValue))]));
  return {
    package: named('package')[0]?.name ?? '',
    enums,
    services: new Map(named('service').map(({ name, lines }) => [name, new Map(lines.map(methodOf))])),
    messages: new Map(named('message').map(({ name, lines }) => [name, lines.map((line) => fieldOf(line, enums))])),
  };
}

function sectionsOf(text: string): readonly Section[] {
  return text
    .trim()
    .split(/\n(?=\S)/)
    .map((part) => {
      const [first = '', ...lines] = part.trimEnd().split('\n');
      const [heading = '', name = ''] = first.split(' ');
      return { heading, name, lines: lines.map((line) => line.trim()).filter((line) => line !== '') };
    });
}

function methodOf(line: string): readonly [string, GrpcMethod] {
  const [name = '', request = `${name}Request`, response = `${name}Response`, streams] = line.split(' ');
  return [name, { request, response, streams: streams === 'stream' }];
}

function enumValue(line: string): readonly [string, number] {
  const [name = '', number = ''] = line.split(' ');
  return [name, Number(number)];
}

function fieldOf(line: string, enums: ReadonlyMap<string, unknown>): GrpcField {
  const [wireName = '', number = '', type = ''] = line.split(':');
  const [listed = '', oneof] = type.split('|');
  const repeated = listed.startsWith('[]');
  const bare = repeated ? listed.slice(2) : listed;
  return {
    wireName,
    name: wireName.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase()),
    number: Number(number),
    repeated,
    oneof,
    kind: scalars[bare] ?? { type: enums.has(bare) ? 'enum' : 'message', name: bare },
  };
}
