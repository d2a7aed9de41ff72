/** Limits the estimated cost of the validation rules of a CustomResourceDefinition. */

import { limits } from '../../../base/index.ts';
import type { DeclaredSize } from '../../cel/index.ts';
import { type CompiledRule, isProgram } from '../../custom-schema/index.ts';
import { type FieldError, forbidden } from '../../machinery/index.ts';

const { celEstimateMax: expressionMax, celEstimatesMax: schemaMax, requestBytesMax } = limits;
/** How many of the dearest expressions are named when all together are too dear. */
const namedMax = 4;

/** What the expressions of one schema may cost together. */
export class CostRecord {
  #total = 0;
  readonly #dearest: { readonly path: string; readonly cost: number }[] = [];

  /** Expressions below a hundredth of what all may cost are not named. */
  add(path: string, cost: number): void {
    this.#total += cost;
    if (cost < schemaMax / 100) return;
    this.#dearest.push({ path, cost });
    this.#dearest.sort((left, right) => (left.cost === right.cost ? 0 : right.cost - left.cost));
    this.#dearest.length = Math.min(this.#dearest.length, namedMax);
  }

  errors(path: string): readonly FieldError[] {
    if (this.#total <= schemaMax) return [];
    return [
      ...this.#dearest.map((expression) =>
        forbidden(
          expression.path,
          'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
        ),
      ),
      forbidden(
        path,
        costText(
          'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema',
          this.#total,
          schemaMax,
        ),
      ),
    ];
  }
}

interface CostPlace {
  readonly at: string;
  readonly size: DeclaredSize;
  /** How often the place may stand in an object; undefined: as often as a request holds. */
  readonly cardinality: number | undefined;
  readonly record: CostRecord;
}

/** Holds the expressions of a rule against what one may cost, and records them. */
export function costErrors(
  { check, message }: CompiledRule,
  { at, size, cardinality, record }: CostPlace,
): FieldError[] {
  const errors: FieldError[] = [];
  if (isProgram(check)) {
    const times = cardinality ?? Math.floor(requestBytesMax / (size.bytesMin + 1));
    const one = check.estimate(size);
    const cost = one === 0 || times === 0 ? 0 : one * times;
    if (cost > expressionMax)
      errors.push(forbidden(`${at}.rule`, costText('estimated rule cost', cost, expressionMax)));
    record.add(`${at}.rule`, cost);
  }
  if (message !== undefined && isProgram(message)) {
    const cost = message.estimate(size);
    if (cost > expressionMax)
      errors.push(
        forbidden(`${at}.messageExpression`, costText('estimated messageExpression cost', cost, expressionMax)),
      );
    record.add(`${at}.messageExpression`, cost);
  }
  return errors;
}

function costText(what: string, cost: number, max: number): string {
  const factor = cost / max;
  const shown = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return (
    `${what} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties,` +
    ' and maxLength where arrays, maps, and strings are declared)'
  );
}
