/** The kind FlowSchema: defaults, validation and Table columns. */

import type {
  FlowSchema,
  FlowcontrolV1Subject,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Sent,
  ServiceAccountSubject,
} from '../../objects/index.ts';
import {
  dns1123Label,
  type FieldError,
  forbidden,
  invalid,
  nameIsDnsSubdomain,
  notSupported,
  required,
} from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { each, invalids, isSet } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { statusSubresource, strategy } from '../strategy.ts';
import { fixedSchemaErrors } from './fixed.ts';
import { flowConditionErrors } from './flow-conditions.ts';

const precedenceMax = 10_000;
const defaultPrecedence = 1000;
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];

const schemaOf = (object: object): Sent<FlowSchema> => object as Sent<FlowSchema>;

type SubjectField = 'group' | 'serviceAccount' | 'user';
const subjectFields: Readonly<Record<string, SubjectField>> = {
  Group: 'group',
  ServiceAccount: 'serviceAccount',
  User: 'user',
};

function subjectErrors(subject: Sent<FlowcontrolV1Subject>, path: string): FieldError[] {
  const kind = subject.kind ?? '';
  const field = subjectFields[kind];
  if (field === undefined) return [notSupported(`${path}.kind`, kind, Object.keys(subjectFields).sort())];
  const others = Object.values(subjectFields).filter((other) => other !== field && subject[other] !== undefined);
  const errors = others.map((other) =>
    forbidden(
      `${path}.${other}`,
      `${other} is forbidden when subject kind is not ` +
        `'${Object.keys(subjectFields).find((name) => subjectFields[name] === other)}'`,
    ),
  );
  const value = subject[field];
  if (value === undefined)
    return [...errors, required(`${path}.${field}`, `${field} is required when subject kind is '${kind}'`)];
  if (!isSet(value.name)) errors.push(required(`${path}.${field}.name`));
  return field === 'serviceAccount'
    ? [...errors, ...accountErrors(subject.serviceAccount ?? {}, `${path}.serviceAccount`)]
    : errors;
}

function accountErrors({ name = '', namespace = '' }: Sent<ServiceAccountSubject>, path: string): FieldError[] {
  return [
    ...(name === '' || name === '*' ? [] : invalids(`${path}.name`, name, nameIsDnsSubdomain(name, false))),
    ...(namespace === ''
      ? [required(`${path}.namespace`, 'must specify namespace for service account')]
      : invalids(`${path}.namespace`, namespace, dns1123Label(namespace))),
  ];
}

/**
 * A list of something, and of nothing else where '*' is in it. `empty` is said of an empty one, `others` is what it
 * holds.
 */
function listErrors(
  list: readonly string[],
  path: string,
  words: { readonly empty: string; readonly others: string },
): FieldError[] {
  if (list.length === 0) return [required(path, words.empty)];
  return list.length > 1 && list.includes('*')
    ? [invalid(path, list, `if '*' is present, must not specify other ${words.others}`)]
    : [];
}

function verbErrors(list: readonly string[], path: string): FieldError[] {
  const errors = listErrors(list, path, { empty: 'verbs must contain at least one value', others: 'verbs' });
  return list.includes('*') || list.every((verb) => verbs.includes(verb))
    ? errors
    : [...errors, notSupported(path, list, verbs)];
}

function namespaceErrors(list: readonly string[], path: string): FieldError[] {
  if (list.includes('*'))
    return list.length > 1 ? [invalid(path, list, "if '*' is present, must not specify other namespaces")] : [];
  return each(path, list, (name, at) =>
    invalids(
      at,
      name,
      dns1123Label(name).map((message) => `each member of this list must be '*' or a DNS-1123 label; ${message}`),
    ),
  );
}

/** Why a path cannot be one of a rule; undefined: it can. */
function pathProblem(path: string): string | undefined {
  if (path === '') return 'must not be empty';
  if (path === '/') return undefined;
  if (!path.startsWith('/')) return 'must start with slash';
  if (path.includes(' ')) return 'must not contain white-space';
  if (path.includes('//')) return 'must not contain double slash';
  return path.includes('*') && !/^[^*]*\/\*$/.test(path) ? 'wildcard can only do suffix matching' : undefined;
}

function resourceRuleErrors(rule: Sent<ResourcePolicyRule>, path: string): FieldError[] {
  const { apiGroups = [], resources = [], namespaces = [], clusterScope } = rule;
  return [
    ...verbErrors(rule.verbs ?? [], `${path}.verbs`),
    ...listErrors(apiGroups, `${path}.apiGroups`, {
      empty: 'resource rules must supply at least one api group',
      others: 'api groups',
    }),
    ...listErrors(resources, `${path}.resources`, {
      empty: 'resource rules must supply at least one resource',
      others: 'resources',
    }),
    ...(namespaces.length === 0 && clusterScope !== true
      ? [
          required(
            `${path}.namespaces`,
            'resource rules that are not cluster scoped must supply at least one namespace',
          ),
        ]
      : namespaceErrors(namespaces, `${path}.namespaces`)),
  ];
}

function pathRuleErrors(rule: Sent<NonResourcePolicyRule>, path: string): FieldError[] {
  const urls = rule.nonResourceURLs ?? [];
  const at = `${path}.nonResourceURLs`;
  return [
    ...verbErrors(rule.verbs ?? [], `${path}.verbs`),
    ...listErrors(urls, at, { empty: 'nonResourceURLs must contain at least one value', others: 'non-resource URLs' }),
    ...(urls.includes('*')
      ? []
      : each(at, urls, (url, place) => {
          const problem = pathProblem(url);
          return problem === undefined ? [] : [invalid(place, url, problem)];
        })),
  ];
}

function rulesErrors(rules: Sent<PolicyRulesWithSubjects>, path: string): FieldError[] {
  const { subjects = [], resourceRules = [], nonResourceRules = [] } = rules;
  return [
    ...(subjects.length === 0
      ? [required(`${path}.subjects`, 'subjects must contain at least one value')]
      : each(`${path}.subjects`, subjects, subjectErrors)),
    ...(resourceRules.length + nonResourceRules.length === 0
      ? [required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty')]
      : []),
    ...each(`${path}.resourceRules`, resourceRules, resourceRuleErrors),
    ...each(`${path}.nonResourceRules`, nonResourceRules, pathRuleErrors),
  ];
}

function schemaErrors(object: KubeObject): FieldError[] {
  const {
    matchingPrecedence = 0,
    distinguisherMethod,
    priorityLevelConfiguration,
    rules,
  } = schemaOf(object).spec ?? {};
  const path = 'spec.matchingPrecedence';
  const level = priorityLevelConfiguration?.name ?? '';
  const errors: FieldError[] = [];
  if (matchingPrecedence <= 0) errors.push(invalid(path, matchingPrecedence, 'must be a positive value'));
  if (matchingPrecedence > precedenceMax)
    errors.push(invalid(path, matchingPrecedence, `must not be greater than ${precedenceMax}`));
  if (matchingPrecedence === 1 && object.metadata.name !== 'exempt')
    errors.push(invalid(path, matchingPrecedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
  if (distinguisherMethod !== undefined && !['ByNamespace', 'ByUser'].includes(distinguisherMethod.type ?? '')) {
    errors.push(notSupported('spec.distinguisherMethod.type', distinguisherMethod, ['ByNamespace', 'ByUser']));
  }
  const levelPath = 'spec.priorityLevelConfiguration.name';
  errors.push(
    ...(level === ''
      ? [required(levelPath, 'must reference a priority level')]
      : invalids(levelPath, level, nameIsDnsSubdomain(level, false))),
  );
  return [...errors, ...each('spec.rules', rules, rulesErrors)];
}

function danglingText(schema: Sent<FlowSchema>): string {
  return schema.status?.conditions?.find((condition) => condition.type === 'Dangling')?.status ?? '?';
}

const precedenceOf = (object: KubeObject): number => schemaOf(object).spec?.matchingPrecedence ?? 0;

export const flowSchemaBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: true }),
  defaults(object) {
    const spec = (schemaOf(object).spec ??= {});
    spec.matchingPrecedence ||= defaultPrecedence;
  },
  validate: (object) => [...schemaErrors(object), ...fixedSchemaErrors(object)],
  subresources: {
    status: {
      ...statusSubresource(),
      validateUpdate: (object) => flowConditionErrors(schemaOf(object).status?.conditions),
    },
  },
  columns: [
    nameColumn,
    column('PriorityLevel', 'Priority level of its requests.'),
    column('MatchingPrecedence', 'Order in which schemas are matched, lowest first.'),
    column('DistinguisherMethod', 'How requests are assigned to flows.'),
    ageColumn,
    column('MissingPL', 'Whether the priority level does not exist.'),
  ],
  compareRows: (left, right) =>
    precedenceOf(left) - precedenceOf(right) || ((left.metadata.name ?? '') < (right.metadata.name ?? '') ? -1 : 1),
  row(object, now) {
    const schema = schemaOf(object);
    const { spec = {} } = schema;
    return [
      object.metadata.name ?? '',
      spec.priorityLevelConfiguration?.name ?? '',
      spec.matchingPrecedence ?? 0,
      spec.distinguisherMethod?.type ?? '<none>',
      ageOf(object, now),
      danglingText(schema),
    ];
  },
};
