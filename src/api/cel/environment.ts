import type { Environment } from '@marcbachmann/cel-js';

/** What an expression may call and name. */
export type CelEnvironment = Environment;

/** What calls of the built-in `matches` become, which would match with JavaScript's own expressions. */
export const matchesFunction = 'matchesInLinearTime';
