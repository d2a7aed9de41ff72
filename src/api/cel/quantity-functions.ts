/** The functions of Kubernetes' CEL library on quantities. */

import {
  addQuantity,
  compareQuantity,
  isWholeQuantity,
  parseQuantity,
  type Quantity,
  QuantityError,
  quantityMilli,
  quantityUnits,
  subtractQuantity,
} from '../machinery/index.ts';
import type { CelEnvironment } from './environment.ts';

/** A quantity as a value of the language. */
export class QuantityValue {
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    this.quantity = quantity;
  }

  equals(other: unknown): boolean {
    return other instanceof QuantityValue && compareQuantity(this.quantity, other.quantity) === 0;
  }
}

function isQuantity(text: string): boolean {
  try {
    parseQuantity(text);
    return true;
  } catch (error) {
    if (error instanceof QuantityError) return false;
    throw error;
  }
}

const type = 'kubernetes.Quantity';
const whole = (value: bigint): Quantity => parseQuantity(value.toString());
const compare = (left: QuantityValue, right: QuantityValue): bigint =>
  BigInt(Math.sign(compareQuantity(left.quantity, right.quantity)));

/** Functions of resource quantities. */
export function registerQuantityFunctions(environment: CelEnvironment): void {
  environment
    .registerType(type, QuantityValue)
    .registerFunction(`quantity(string): ${type}`, (text: string) => new QuantityValue(parseQuantity(text)))
    .registerFunction('isQuantity(string): bool', isQuantity)
    .registerFunction(`${type}.isInteger(): bool`, ({ quantity }: QuantityValue) => isWholeQuantity(quantity))
    .registerFunction(`${type}.asInteger(): int`, ({ quantity }: QuantityValue) => {
      if (!isWholeQuantity(quantity)) throw new Error('cannot convert value to integer');
      return BigInt(quantityUnits(quantity));
    })
    .registerFunction(
      `${type}.asApproximateFloat(): double`,
      ({ quantity }: QuantityValue) => Number(quantityMilli(quantity)) / 1000,
    )
    .registerFunction(`${type}.sign(): int`, (value: QuantityValue) => compare(value, new QuantityValue(whole(0n))))
    .registerFunction(`${type}.compareTo(${type}): int`, compare)
    .registerFunction(
      `${type}.isLessThan(${type}): bool`,
      (left: QuantityValue, right: QuantityValue) => compare(left, right) < 0n,
    )
    .registerFunction(
      `${type}.isGreaterThan(${type}): bool`,
      (left: QuantityValue, right: QuantityValue) => compare(left, right) > 0n,
    )
    .registerFunction(
      `${type}.add(${type}): ${type}`,
      (left: QuantityValue, right: QuantityValue) => new QuantityValue(addQuantity(left.quantity, right.quantity)),
    )
    .registerFunction(
      `${type}.add(int): ${type}`,
      (left: QuantityValue, right: bigint) => new QuantityValue(addQuantity(left.quantity, whole(right))),
    )
    .registerFunction(
      `${type}.sub(${type}): ${type}`,
      (left: QuantityValue, right: QuantityValue) => new QuantityValue(subtractQuantity(left.quantity, right.quantity)),
    )
    .registerFunction(
      `${type}.sub(int): ${type}`,
      (left: QuantityValue, right: bigint) => new QuantityValue(subtractQuantity(left.quantity, whole(right))),
    )
    .registerOperator(`${type} == ${type}`, (left: QuantityValue, right: QuantityValue) => left.equals(right));
}
