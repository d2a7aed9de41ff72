/** The CEL variable `authorizer`: expressions that ask what a user may do. */

import type { CelEnvironment } from './environment.ts';

/** Whose access an expression asks about. */
interface AccessUser {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** What an expression asks the cluster's authorizers. For paths that are no resource only `verb` and `path` count. */
export interface AccessQuestion {
  readonly user: AccessUser;
  readonly verb: string;
  readonly isResource: boolean;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
}

export interface AccessAnswer {
  readonly allowed: boolean;
  readonly reason: string;
  readonly error?: string | undefined;
}

export type AskAccess = (question: AccessQuestion) => AccessAnswer;

type Target = Omit<AccessQuestion, 'user' | 'verb'>;
type Whose = { readonly user: AccessUser; readonly ask: AskAccess };

const nothing: Target = {
  isResource: false,
  group: '',
  version: '*',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
  path: '',
};

/** The value of `authorizer`; its one field is `requestResource`, where a request has one. */
export class AuthorizerValue extends Map<string, unknown> {
  readonly whose: Whose;

  constructor(whose: Whose, requestResource?: Target) {
    super(requestResource === undefined ? [] : [['requestResource', new ResourceCheck(whose, requestResource)]]);
    this.whose = whose;
  }
}

class Check {
  readonly whose: Whose;
  readonly target: Target;

  constructor(whose: Whose, target: Target) {
    this.whose = whose;
    this.target = target;
  }

  ask(verb: string): DecisionValue {
    return new DecisionValue(this.whose.ask({ ...this.target, user: this.whose.user, verb }));
  }
}

class PathCheck extends Check {}
class GroupCheck extends Check {}
class ResourceCheck extends Check {
  with(more: Partial<Target>): ResourceCheck {
    return new ResourceCheck(this.whose, { ...this.target, ...more });
  }
}

class DecisionValue {
  readonly answer: AccessAnswer;

  constructor(answer: AccessAnswer) {
    this.answer = answer;
  }
}

function accountUser(namespace: string, name: string): AccessUser {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}

const prefix = 'kubernetes.authorization';
export const authorizerType = `${prefix}.Authorizer`;
const [pathCheck, groupCheck, resourceCheck, decision] = [
  `${prefix}.PathCheck`,
  `${prefix}.GroupCheck`,
  `${prefix}.ResourceCheck`,
  `${prefix}.Decision`,
] as const;

/** Functions by which expressions of admission ask who may do what. */
export function registerAuthorizerFunctions(environment: CelEnvironment): void {
  environment
    .registerType(pathCheck, PathCheck)
    .registerType(groupCheck, GroupCheck)
    .registerType(resourceCheck, ResourceCheck)
    .registerType(decision, DecisionValue)
    .registerType(authorizerType, { ctor: AuthorizerValue, fields: { requestResource: resourceCheck } })
    .registerFunction(`${authorizerType}.path(string): ${pathCheck}`, ({ whose }: AuthorizerValue, path: string) => {
      if (path === '') throw new Error('path must not be empty');
      return new PathCheck(whose, { ...nothing, path });
    })
    .registerFunction(
      `${authorizerType}.group(string): ${groupCheck}`,
      ({ whose }: AuthorizerValue, group: string) => new GroupCheck(whose, { ...nothing, isResource: true, group }),
    )
    .registerFunction(
      `${authorizerType}.serviceAccount(string, string): ${authorizerType}`,
      ({ whose }: AuthorizerValue, namespace: string, name: string) =>
        new AuthorizerValue({ ...whose, user: accountUser(namespace, name) }),
    )
    .registerFunction(
      `${groupCheck}.resource(string): ${resourceCheck}`,
      ({ whose, target }: GroupCheck, resource: string) => {
        if (resource === '') throw new Error('resource must not be empty');
        return new ResourceCheck(whose, { ...target, resource });
      },
    )
    .registerFunction(
      `${resourceCheck}.subresource(string): ${resourceCheck}`,
      (check: ResourceCheck, subresource: string) => check.with({ subresource }),
    )
    .registerFunction(
      `${resourceCheck}.namespace(string): ${resourceCheck}`,
      (check: ResourceCheck, namespace: string) => check.with({ namespace }),
    )
    .registerFunction(`${resourceCheck}.name(string): ${resourceCheck}`, (check: ResourceCheck, name: string) =>
      check.with({ name }),
    )
    .registerFunction(
      `${resourceCheck}.fieldSelector(string): ${resourceCheck}`,
      (check: ResourceCheck, fieldSelector: string) => check.with({ fieldSelector }),
    )
    .registerFunction(`${resourceCheck}.labelSelector(string): ${resourceCheck}`, (check: ResourceCheck) => check)
    .registerFunction(`${resourceCheck}.check(string): ${decision}`, (check: ResourceCheck, verb: string) =>
      check.ask(verb),
    )
    .registerFunction(`${pathCheck}.check(string): ${decision}`, (check: PathCheck, verb: string) => check.ask(verb))
    .registerFunction(`${decision}.allowed(): bool`, ({ answer }: DecisionValue) => answer.allowed)
    .registerFunction(`${decision}.reason(): string`, ({ answer }: DecisionValue) => answer.reason)
    .registerFunction(`${decision}.errored(): bool`, ({ answer }: DecisionValue) => answer.error !== undefined)
    .registerFunction(`${decision}.error(): string`, ({ answer }: DecisionValue) => answer.error ?? '');
}
