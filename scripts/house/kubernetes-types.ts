/** The names of the API's types, by which a second home of one is found. */
import { tableNames, typeNames } from '../../src/api/schema/index.ts';

/** Names without group and version: `Pod`, `ObjectMeta`. */
export function kubernetesTypeNames(): ReadonlySet<string> {
  return new Set(
    tableNames().flatMap((table) => typeNames(table).map((name) => name.slice(name.lastIndexOf('.') + 1))),
  );
}
