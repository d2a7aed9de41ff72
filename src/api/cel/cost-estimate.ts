/** Estimates the worst-case cost of an expression before it runs. */

import { type CallEstimate, callRule } from './call-costs.ts';
import { comprehensionCost, product, stepCost, traversalOf, twoVariableCosts } from './cost-table.ts';
import { type DeclaredSize, type Estimate, type Size, unknownSize } from './estimated-size.ts';
import type { Comprehension, Macro, SyntaxNode } from './syntax-tree.ts';
import { publicFunction } from './environment.ts';

type Scope = ReadonlyMap<string, Omit<Estimate, 'cost'>>;

const one: Size = { min: 1, max: 1 };
const keys: DeclaredSize = { elementsMax: 0, bytesMin: 0 };
const scalars: ReadonlySet<string> = new Set([
  'bool',
  'int',
  'uint',
  'double',
  'google.protobuf.Timestamp',
  'google.protobuf.Duration',
]);

/**
 * The most that a checked expression may cost where its variables are of the sizes that `declared` allows (as cel-go's
 * cost estimate).
 */
export function estimateCost(root: SyntaxNode, declared: DeclaredSize): number {
  const own = { size: { min: 0, max: declared.elementsMax }, place: declared };
  return estimate(root, {
    root: declared,
    scope: new Map([
      ['self', own],
      ['oldSelf', own],
    ]),
  }).cost;
}

interface Context {
  readonly root: DeclaredSize;
  readonly scope: Scope;
}

function estimate(node: SyntaxNode, context: Context): Estimate {
  const { alternate, macro } = node.meta;
  if (alternate?.op === 'comprehension') return comprehension(alternate.args as Comprehension, context);
  if (alternate !== undefined) return estimate(alternate, context);
  if (macro !== undefined) return macroEstimate(node, context);
  const estimateOf = byOperator[node.op];
  return estimateOf === undefined ? operator(node, context) : estimateOf(node, context);
}

const sized = (cost: number, node: SyntaxNode, place?: DeclaredSize): Estimate => ({
  cost,
  place,
  size: sizeAt(node, place),
});

function sizeAt(node: SyntaxNode, place: DeclaredSize | undefined): Size {
  if (place !== undefined) return { min: 0, max: place.elementsMax };
  return scalars.has(node.checkedType?.name ?? '') ? one : unknownSize;
}

const byOperator: Readonly<Record<string, (node: SyntaxNode, context: Context) => Estimate>> = {
  value: ({ args }) => ({ cost: 0, size: literalSize(args), place: undefined }),
  id(node, { scope }) {
    const known = scope.get(String(node.args));
    return known === undefined ? sized(1, node) : { cost: 1, ...known };
  },
  '.'(node, context) {
    const [left, name] = node.args as readonly [SyntaxNode, string];
    const from = estimate(left, context);
    const kind = left.checkedType?.kind;
    return sized(
      from.cost + (kind === 'map' || kind === 'message' ? 1 : 0),
      node,
      from.place?.fields?.get(name) ?? (kind === 'map' ? from.place?.elements : undefined),
    );
  },
  '[]'(node, context) {
    const [left, right] = node.args as readonly [SyntaxNode, SyntaxNode];
    const from = estimate(left, context);
    return sized(from.cost + estimate(right, context).cost + 1, node, from.place?.elements);
  },
  '.?'(node, context) {
    const [left] = node.args as readonly [SyntaxNode];
    return sized(estimate(left, context).cost + 1, node);
  },
  list(node, context) {
    const items = node.args as readonly SyntaxNode[];
    return { cost: stepCost('list') + costOf(items, context), size: exactly(items.length), place: undefined };
  },
  map(node, context) {
    const entries = node.args as readonly (readonly [SyntaxNode, SyntaxNode])[];
    return { cost: stepCost('map') + costOf(entries.flat(), context), size: exactly(entries.length), place: undefined };
  },
  call(node, context) {
    const [name, values] = node.args as readonly [string, readonly SyntaxNode[]];
    return call(node, { name, receiver: undefined, values: values.map((value) => estimate(value, context)) });
  },
  rcall(node, context) {
    const [name, receiver, values] = node.args as readonly [string, SyntaxNode, readonly SyntaxNode[]];
    return call(node, {
      name,
      receiver: estimate(receiver, context),
      values: values.map((value) => estimate(value, context)),
      on: receiver,
    });
  },
  '?:'(node, context) {
    const [condition, yes, no] = (node.args as readonly SyntaxNode[]).map((part) => estimate(part, context));
    if (condition === undefined || yes === undefined || no === undefined) return sized(0, node);
    return {
      cost: condition.cost + Math.max(yes.cost, no.cost),
      size: { min: Math.min(yes.size.min, no.size.min), max: Math.max(yes.size.max, no.size.max) },
      place: undefined,
    };
  },
};

const exactly = (size: number): Size => ({ min: size, max: size });
const literalSize = (value: unknown): Size =>
  typeof value === 'string' || value instanceof Uint8Array ? exactly(value.length) : one;
const costOf = (nodes: readonly SyntaxNode[], context: Context): number =>
  nodes.reduce((sum, node) => sum + estimate(node, context).cost, 0);

const comparing: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);

function operator(node: SyntaxNode, context: Context): Estimate {
  const operands = [node.args].flat() as readonly SyntaxNode[];
  const [left, right] = operands.map((operand) => estimate(operand, context));
  const cost = (left?.cost ?? 0) + (right?.cost ?? 0);
  if (left === undefined || right === undefined) return sized(cost + 1, node);
  const { op } = node;
  if (op === '&&' || op === '||') return { cost, size: one, place: undefined };
  const text = operands.some(({ checkedType }) => checkedType?.name === 'string' || checkedType?.name === 'bytes');
  if (op === '==' || op === '!=' || (comparing.has(op) && text))
    return { cost: cost + traversalOf(Math.min(left.size.max, right.size.max)), size: one, place: undefined };
  if (op === 'in')
    return {
      cost: cost + (operands[1]?.checkedType?.kind === 'map' ? 1 : right.size.max),
      size: one,
      place: undefined,
    };
  if (op !== '+' || scalars.has(node.checkedType?.name ?? '')) return sized(cost + 1, node);
  const size = { min: left.size.min + right.size.min, max: left.size.max + right.size.max };
  return { cost: cost + (text ? traversalOf(size.max) : 1), size, place: undefined };
}

function comprehension(parts: Comprehension, context: Context): Estimate {
  const range = estimate(parts.iterable, context);
  // What has no place in the schema is taken for the schema's root, as cel-go's estimate does.
  const place =
    parts.iterable.checkedType?.kind === 'map' ? keys : range.place === undefined ? context.root : range.place.elements;
  const variable = { place, size: place === undefined ? unknownSize : { min: 0, max: place.elementsMax } };
  const scope = new Map([...context.scope, [parts.iterVarName, variable] as const]);
  const inner = { ...context, scope };
  const { once, each } = comprehensionCost(parts);
  const step = estimate(parts.step, inner).cost;
  const quantifier = parts.kind === 'quantifier';
  const cost = range.cost + estimate(parts.init, context).cost + once + product(range.size.max, each + step);
  return { cost, size: quantifier ? one : { min: 0, max: range.size.max }, place: undefined };
}

/** The steps of macros: what is pushed costs like a list of one that is joined. */
const accumulators: Readonly<Record<string, (node: SyntaxNode, context: Context) => Estimate>> = {
  accuPush: (node, context) => ({
    cost: stepCost('accuPush') + estimate(node.args as SyntaxNode, context).cost,
    size: unknownSize,
    place: undefined,
  }),
  accuInc: () => ({ cost: stepCost('accuInc'), size: one, place: undefined }),
  accuValue: () => ({ cost: stepCost('accuValue'), size: unknownSize, place: undefined }),
};
Object.assign(byOperator, accumulators, { '[?]': byOperator['[]'] });

function macroEstimate(node: SyntaxNode, context: Context): Estimate {
  const { owner, fields, mapped, val, exp, receiver, arg, var: name = '', twoVariables } = node.meta.macro ?? {};
  if (twoVariables !== undefined) return twoVariableEstimate(node, twoVariables, context);
  if (owner !== undefined) return { cost: estimate(owner, context).cost, size: one, place: undefined };
  if (fields !== undefined) return sized(stepCost('object') + costOf(fields, context), node);
  if (mapped !== undefined) {
    const scope = new Map([...context.scope, [mapped.variable, { size: unknownSize, place: undefined }] as const]);
    return sized(estimate(mapped.from, context).cost + estimate(mapped.to, { ...context, scope }).cost + 1, node);
  }
  if (val !== undefined && exp !== undefined) {
    const value = estimate(val, context);
    const result = estimate(exp, { ...context, scope: new Map([...context.scope, [name, value] as const]) });
    return { ...result, cost: value.cost + stepCost('list') + result.cost };
  }
  return sized(
    [receiver, arg].reduce((sum, part) => sum + (part === undefined ? 0 : estimate(part, context).cost), 1),
    node,
  );
}

function twoVariableEstimate(
  node: SyntaxNode,
  { name, key, value, range, parts }: NonNullable<Macro['twoVariables']>,
  context: Context,
): Estimate {
  const over = estimate(range, context);
  const place = over.place === undefined ? context.root : over.place.elements;
  const scope = new Map([
    ...context.scope,
    [key, { place: keys, size: one }] as const,
    [value, { place, size: place === undefined ? unknownSize : { min: 0, max: place.elementsMax } }] as const,
  ]);
  const { once, each } = twoVariableCosts(name);
  const cost =
    over.cost +
    once +
    product(over.size.max, each + parts.reduce((sum, part) => sum + estimate(part, { ...context, scope }).cost, 0));
  return { ...sized(cost, node), size: node.checkedType?.name === 'bool' ? one : { min: 0, max: over.size.max } };
}

function call(node: SyntaxNode, given: CallEstimate): Estimate {
  const parts = given.receiver === undefined ? given.values : [given.receiver, ...given.values];
  const before = parts.reduce((sum, part) => sum + part.cost, 0);
  const { cost, size } = callRule(publicFunction(given.name))?.(
    parts.map((part) => part.size),
    given,
  ) ?? { cost: 1 };
  const plain = sized(before + cost, node);
  return size === undefined ? plain : { ...plain, size };
}
