/** Encodes an OpenAPI v2 document in protobuf. */

import { isObject } from '../../base/index.ts';
import type { JsonObject } from '../object.ts';
import {
  wireWriter,
  type WireWriter,
  writeDouble,
  writeInteger,
  writeMessage,
  writeString,
  written,
} from '../protobuf/index.ts';

/**
 * A document of OpenAPI v2 in protobuf (gnostic's openapi.v2.Document, which client-go asks for). Fields by their JSON
 * names: number and writer. What begins with `x-` is an extension and stands in the field `extensions`.
 */
interface Message {
  readonly fields: Readonly<Record<string, readonly [number: number, write: Write]>>;
  readonly extensions?: number;
}

type Write = (writer: WireWriter, field: number, value: unknown) => void;

const text: Write = (writer, field, value) => {
  if (typeof value === 'string' && value !== '') writeString(writer, field, value);
};
const flag: Write = (writer, field, value) => {
  if (value === true) writeInteger(writer, field, 1);
};
const double: Write = (writer, field, value) => {
  if (typeof value === 'number' && value !== 0) writeDouble(writer, field, value);
};
const whole: Write = (writer, field, value) => {
  if (typeof value === 'number' && value !== 0) writeInteger(writer, field, value);
};
/** Any value, as YAML, of which JSON is a part. */
const any: Write = (writer, field, value) => {
  writeMessage(writer, field, (inner) => {
    writeString(inner, 2, `${JSON.stringify(value)}\n`);
  });
};
const each =
  (write: Write): Write =>
  (writer, field, value) => {
    for (const item of Array.isArray(value) ? value : [value]) write(writer, field, item);
  };
const texts = each((writer, field, value) => {
  writeString(writer, field, String(value));
});
const message =
  (of: () => Message): Write =>
  (writer, field, value) => {
    if (isObject(value))
      writeMessage(writer, field, (inner) => {
        writeFields(inner, of(), value);
      });
  };
/** A message around one that stands at `number` in it. */
const within =
  (number: number, write: Write): Write =>
  (writer, field, value) => {
    writeMessage(writer, field, (inner) => {
      write(inner, number, value);
    });
  };
/** A map: a message for each entry, with the name at 1 and the value at 2. */
const named =
  (write: Write): Write =>
  (writer, field, value) => {
    for (const [name, member] of Object.entries(isObject(value) ? value : {})) {
      writeMessage(writer, field, (entry) => {
        writeString(entry, 1, name);
        write(entry, 2, member);
      });
    }
  };

const schema: Message = {
  extensions: 31,
  fields: {
    $ref: [1, text],
    format: [2, text],
    title: [3, text],
    description: [4, text],
    default: [5, any],
    multipleOf: [6, double],
    maximum: [7, double],
    exclusiveMaximum: [8, flag],
    minimum: [9, double],
    exclusiveMinimum: [10, flag],
    maxLength: [11, whole],
    minLength: [12, whole],
    pattern: [13, text],
    maxItems: [14, whole],
    minItems: [15, whole],
    uniqueItems: [16, flag],
    maxProperties: [17, whole],
    minProperties: [18, whole],
    required: [19, texts],
    enum: [20, each(any)],
    additionalProperties: [
      21,
      (writer, field, value) => {
        (typeof value === 'boolean'
          ? within(2, flag)
          : within(
              1,
              message(() => schema),
            ))(writer, field, value);
      },
    ],
    type: [22, within(1, texts)],
    items: [23, within(1, each(message(() => schema)))],
    allOf: [24, each(message(() => schema))],
    properties: [25, within(1, named(message(() => schema)))],
    readOnly: [27, flag],
  },
};

/** A parameter that is no body: its kinds have the same fields, those of a query one more. */
function plainParameter(query: boolean): Message {
  const at = (number: number): number => (query ? number + 1 : number);
  return {
    extensions: at(22),
    fields: {
      required: [1, flag],
      in: [2, text],
      description: [3, text],
      name: [4, text],
      type: [at(5), text],
      format: [at(6), text],
      default: [at(9), any],
      uniqueItems: [at(19), flag],
    },
  };
}

const body: Message = {
  extensions: 6,
  fields: {
    description: [1, text],
    name: [2, text],
    in: [3, text],
    required: [4, flag],
    schema: [5, message(() => schema)],
  },
};
const reference: Message = { fields: { $ref: [1, text], description: [2, text] } };
const places: Readonly<Record<string, readonly [number: number, of: Message]>> = {
  header: [1, plainParameter(false)],
  formData: [2, plainParameter(true)],
  query: [3, plainParameter(true)],
  path: [4, plainParameter(false)],
};

const parameter: Write = (writer, field, value) => {
  if (!isObject(value)) return;
  const [number, of] = places[typeof value['in'] === 'string' ? value['in'] : ''] ?? [3, plainParameter(true)];
  if (value['$ref'] !== undefined)
    within(
      2,
      message(() => reference),
    )(writer, field, value);
  else if (value['in'] === 'body')
    within(
      1,
      within(
        1,
        message(() => body),
      ),
    )(writer, field, value);
  else
    within(
      1,
      within(
        2,
        within(
          number,
          message(() => of),
        ),
      ),
    )(writer, field, value);
};

const response: Message = {
  extensions: 5,
  fields: {
    description: [1, text],
    schema: [
      2,
      within(
        1,
        message(() => schema),
      ),
    ],
  },
};

const operation: Message = {
  extensions: 13,
  fields: {
    tags: [1, texts],
    summary: [2, text],
    description: [3, text],
    operationId: [5, text],
    produces: [6, texts],
    consumes: [7, texts],
    parameters: [8, each(parameter)],
    responses: [
      9,
      within(
        1,
        named(
          within(
            1,
            message(() => response),
          ),
        ),
      ),
    ],
    schemes: [10, texts],
    deprecated: [11, flag],
  },
};
const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];
const pathItem: Message = {
  extensions: 10,
  fields: {
    ...Object.fromEntries(methods.map((name, index) => [name, [index + 2, message(() => operation)] as const])),
    parameters: [9, each(parameter)],
  },
};
const apiKey: Message = {
  extensions: 5,
  fields: { type: [1, text], name: [2, text], in: [3, text], description: [4, text] },
};

const documentMessage: Message = {
  extensions: 16,
  fields: {
    swagger: [1, text],
    info: [
      2,
      message(() => ({ extensions: 7, fields: { title: [1, text], version: [2, text], description: [3, text] } })),
    ],
    paths: [8, within(2, named(message(() => pathItem)))],
    definitions: [9, within(1, named(message(() => schema)))],
    parameters: [10, within(1, named(sharedParameter()))],
    security: [12, each(within(1, named(within(1, texts))))],
    securityDefinitions: [
      13,
      within(
        1,
        named(
          within(
            2,
            message(() => apiKey),
          ),
        ),
      ),
    ],
  },
};

/** A named parameter is not wrapped as one of a list is. */
function sharedParameter(): Write {
  return (writer, field, value) => {
    if (!isObject(value)) return;
    const [number, of] = places[typeof value['in'] === 'string' ? value['in'] : ''] ?? [3, plainParameter(true)];
    (value['in'] === 'body'
      ? within(
          1,
          message(() => body),
        )
      : within(
          2,
          within(
            number,
            message(() => of),
          ),
        ))(writer, field, value);
  };
}

function writeFields(writer: WireWriter, { fields, extensions }: Message, value: JsonObject): void {
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const known = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (known !== undefined) known[1](writer, known[0], member);
    else if (name.startsWith('x-') && extensions !== undefined) named(any)(writer, extensions, { [name]: member });
  }
}

/** The document in protobuf. */
export function openapiV2Protobuf(document: JsonObject): Uint8Array {
  const writer = wireWriter();
  writeFields(writer, documentMessage, document);
  return Uint8Array.from(written(writer));
}
