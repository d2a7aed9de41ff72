/** For tests: a client that does what the role of a controller's account allows, and nothing else. */
import type { GroupResource } from '../../api/index.ts';
import { controllerRules, type ResourceClient } from '../../resources/index.ts';
import { accountOf } from '../accounts.ts';

interface Call {
  readonly verb: string;
  readonly ref: GroupResource & { readonly name?: string | undefined; readonly namespace?: string | undefined };
  readonly subresource?: string | undefined;
}

/** Throws when the controller's role does not allow it. */
function check(controller: string, { verb, ref, subresource }: Call): void {
  const rules = controllerRules(accountOf(controller));
  if (rules.length === 0) throw new Error(`${controller} has no account with a role`);
  const resource = subresource === undefined ? ref.resource : `${ref.resource}/${subresource}`;
  const question = { verb, group: ref.group, resource, name: ref.name ?? '' };
  const held = rules.filter(({ namespace }) => namespace === undefined || namespace === ref.namespace);
  if (!held.some(({ rule }) => allows(rule, question)))
    throw new Error(`the role of ${controller} does not allow to ${verb} ${ref.group || 'core'} ${resource}`);
}

interface Question {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly name: string;
}

/** `VERBS GROUPS RESOURCES [=NAMES]`, as the tables have it. */
function allows(rule: string, { verb, group, resource, name }: Question): boolean {
  const [verbs = '', groups = '', resources = '', names = ''] = rule.split(' ');
  const has = (list: string, value: string): boolean => list === '*' || list.split(',').includes(value);
  return (
    has(verbs, verb) &&
    has(groups, group === '' ? 'core' : group) &&
    (has(resources, resource) || has(resources, `*/${resource.split('/')[1] ?? ''}`)) &&
    (names === '' || has(names.slice(1), name))
  );
}

export function allowedClient(client: ResourceClient, controller: string): ResourceClient {
  const may = (verb: string, ref: Call['ref'], subresource?: string): void => {
    check(controller, { verb, ref, subresource });
  };
  return {
    get: async (ref, options) => {
      may('get', ref, options?.subresource);
      return await client.get(ref, options);
    },
    list: async (query) => {
      may('list', query);
      return await client.list(query);
    },
    create: async (ref, object, options) => {
      may('create', ref, options?.subresource);
      return await client.create(ref, object, options);
    },
    update: async (ref, object, options) => {
      may('update', ref, options?.subresource);
      return await client.update(ref, object, options);
    },
    patch: async (ref, patch, options) => {
      may('patch', ref, options?.subresource);
      return await client.patch(ref, patch, options);
    },
    delete: async (ref, options) => {
      may('delete', ref);
      await client.delete(ref, options);
    },
    deleteCollection: async (query, options) => {
      may('deletecollection', query);
      await client.deleteCollection(query, options);
    },
  };
}
