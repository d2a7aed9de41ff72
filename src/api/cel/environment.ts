/** The CEL environment: the functions and types that an expression can use. */

import type { Environment } from '@marcbachmann/cel-js';

/** What expressions may call and name. */
export type CelEnvironment = Environment;

/**
 * Functions that the package has otherwise than Kubernetes. What it has cannot be replaced, so calls of them are led to
 * others.
 */
const replaced: ReadonlySet<string> = new Set([
  'double',
  'duration',
  'getDate',
  'getDayOfMonth',
  'getDayOfWeek',
  'getDayOfYear',
  'getFullYear',
  'getHours',
  'getMilliseconds',
  'getMinutes',
  'getMonth',
  'getSeconds',
  'indexOf',
  'int',
  'lastIndexOf',
  'lowerAscii',
  'matches',
  'string',
  'substring',
  'timestamp',
  'uint',
  'upperAscii',
]);
/** Functions of the package that Kubernetes does not have. */
const absent: ReadonlySet<string> = new Set(['at', 'base64', 'hex', 'json']);
const mark = 'OfKubernetes';

/** What calls of a function become. */
export const ownFunction = (name: string): string => (replaced.has(name) || absent.has(name) ? `${name}${mark}` : name);

/** What expressions call a function. */
export const publicFunction = (name: string): string => (name.endsWith(mark) ? name.slice(0, -mark.length) : name);

/** Whether expressions can call a function of this name. */
export const hasFunction = (environment: CelEnvironment, name: string): boolean =>
  !absent.has(name) && environment.getDefinitions().functions.some((known) => known.name === name);
