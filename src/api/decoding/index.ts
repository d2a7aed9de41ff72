/**
 * Decoding: from the bytes of a request to an object in the shape of its type, and from an object to its canonical
 * form.
 *
 *   bytes -> (JSON | YAML | protobuf) -> plain value -> conform to the tables -> object + strict errors
 *
 * Contract: what a client may send is judged here as upstream's decoder does, with its texts; nothing is defaulted or
 * validated. `conformObject` is for values that are parsed already (a patched object); `canonicalObject` is the last
 * step before an object is stored or shown, since defaulting adds fields in any order.
 */
export { canonicalObject, type Conformed, conformObject } from './conform.ts';
export { decodeObject, decodeSteps, type FieldValidation } from './decode.ts';
export { parseJson, parseJsonSteps } from './json-text.ts';
export { numbersOfType } from './number-literal.ts';
export { JsonSyntaxError } from './json-reader.ts';
export { repeatedFields } from './repeated-fields.ts';
export { summaryOf } from './summary.ts';
export { DecodeError } from './walk.ts';
export { briefYaml, longYaml, yamlExcess } from './yaml-bounds.ts';
export { type ParsedYaml, parseYaml, strictWarnings, YamlTextError } from './yaml-text.ts';
