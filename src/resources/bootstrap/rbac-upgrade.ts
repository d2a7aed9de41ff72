/** Brings RBAC objects of an earlier version up to date without removing what administrators added. */
import { deepEqual, type JsonObject, type KubeObject } from '../../api/index.ts';

const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate';

interface Rule {
  readonly verbs?: readonly string[] | null | undefined;
  readonly apiGroups?: readonly string[] | null | undefined;
  readonly resources?: readonly string[] | null | undefined;
  readonly resourceNames?: readonly string[] | null | undefined;
  readonly nonResourceURLs?: readonly string[] | null | undefined;
}

const has = (list: readonly string[] | null | undefined, value: string): boolean =>
  list?.includes(value) === true || list?.includes('*') === true;

function allows(rule: Rule, [verb, group, resource, name]: readonly [string, string, string, string]): boolean {
  const names = rule.resourceNames ?? [];
  return (
    has(rule.verbs, verb) &&
    has(rule.apiGroups, group) &&
    has(rule.resources, resource) &&
    (names.length === 0 || names.includes(name))
  );
}

/** Whether `rules` together allow everything that `wanted` does. */
export function covers(rules: readonly Rule[], wanted: Rule): boolean {
  const { verbs, apiGroups, resources, nonResourceURLs } = wanted;
  const names = (wanted.resourceNames?.length ?? 0) === 0 ? [''] : (wanted.resourceNames ?? []);
  return (verbs ?? []).every(
    (verb) =>
      (nonResourceURLs ?? []).every((url) =>
        rules.some((rule) => has(rule.verbs, verb) && has(rule.nonResourceURLs, url)),
      ) &&
      (apiGroups ?? []).every((group) =>
        (resources ?? []).every((resource) =>
          names.every((name) => rules.some((rule) => allows(rule, [verb, group, resource, name]))),
        ),
      ),
  );
}

/** The items of `wanted` that `present` lacks, after those that it has. */
function withMissing(present: unknown, wanted: unknown): unknown[] {
  const list = Array.isArray(present) ? (present as unknown[]) : [];
  return [
    ...list,
    ...(Array.isArray(wanted)
      ? (wanted as unknown[]).filter((item) => !list.some((known) => deepEqual(known, item)))
      : []),
  ];
}

function rolePart(present: KubeObject, wanted: JsonObject, withdrawn: readonly JsonObject[]): JsonObject {
  const selectors = (aggregation: unknown): unknown =>
    (aggregation as { readonly clusterRoleSelectors?: unknown } | undefined)?.clusterRoleSelectors;
  if (wanted['aggregationRule'] !== undefined)
    return {
      aggregationRule: {
        clusterRoleSelectors: withMissing(selectors(present['aggregationRule']), selectors(wanted['aggregationRule'])),
      },
    };
  const stored = (present['rules'] ?? []) as readonly Rule[];
  const rules = stored.filter((rule) => !withdrawn.some((former) => deepEqual(former, rule)));
  const missing = ((wanted['rules'] ?? []) as readonly Rule[]).filter((rule) => !covers(rules, rule));
  return missing.length === 0 && rules.length === stored.length ? {} : { rules: [...rules, ...missing] };
}

/**
 * A role or binding that came with the cluster, extended by what this version wants of it and it lacks; undefined:
 * nothing is missing, or its annotation says that it is left alone. What an administrator has added stays (upstream's
 * reconciliation); rules that are `withdrawn` go where they stand as an earlier version wrote them.
 */
export function extended(
  present: KubeObject,
  wanted: JsonObject,
  withdrawn: readonly JsonObject[] = [],
): KubeObject | undefined {
  if (present.metadata.annotations?.[autoUpdate] === 'false') return undefined;
  const { labels, annotations } = wanted['metadata'] as {
    readonly labels?: Record<string, string> | undefined;
    readonly annotations?: Record<string, string> | undefined;
  };
  const metadata = {
    ...present.metadata,
    labels: { ...labels, ...present.metadata.labels },
    annotations: { ...annotations, ...present.metadata.annotations },
  };
  const part =
    wanted['roleRef'] === undefined
      ? rolePart(present, wanted, withdrawn)
      : wanted['subjects'] === undefined
        ? {}
        : { subjects: withMissing(present['subjects'], wanted['subjects']) };
  const next: KubeObject = { ...present, ...part, metadata };
  return deepEqual(next, present) ? undefined : next;
}
