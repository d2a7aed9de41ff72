/** metrics.k8s.io, answered from the reports of the nodes' agents. */
import {
  apiResourceList,
  checkFieldSelector,
  fieldSelectorMatches,
  type GroupResource,
  type KubeObject,
  methodNotAllowed,
  methodNotSupported,
  notFound,
  openapiV2,
  openapiV3,
  openapiV3Index,
  optionalResources,
  parseFieldSelector,
  parseLabelSelector,
  pathNotFound,
  selectorMatches,
  resources,
} from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';
import { factsOf, type ObjectFacts, type ResourceView } from '../../resources/index.ts';
import type { OwnApi } from '../aggregation/index.ts';
import { encoded } from '../answers/encode.ts';
import { includeObjectOf } from '../answers/table.ts';
import { type Negotiated, negotiate, type NegotiationRules } from '../negotiation.ts';
import { type ApiHttpResponse, headerOf } from '../request.ts';
import { type RequestContext, wantsPretty } from '../request-context.ts';
import { group, groupVersion, type MetricsItem, metricsTable, nodeMetrics, podMetrics } from './metrics-objects.ts';
import type { UsageStore } from './usage-store.ts';

interface MetricsApiPorts {
  readonly view: ResourceView;
  readonly clock: Clock;
  readonly usage: UsageStore;
}

/** One of the two kinds: the objects it speaks of, and what is known of one of them. */
interface Measured {
  readonly kind: string;
  readonly of: GroupResource;
  readonly namespaced: boolean;
  readonly item: (ports: MetricsApiPorts, facts: ObjectFacts) => MetricsItem | undefined;
}

const measured: Readonly<Record<string, Measured>> = {
  nodes: {
    kind: 'NodeMetrics',
    of: resources.nodes,
    namespaced: false,
    item: ({ usage, clock }, facts) => {
      const found = usage.node(facts.index.fields['metadata.name'] ?? '', clock.monotonic());
      return found === undefined ? undefined : nodeMetrics(facts, found, clock.now());
    },
  },
  pods: {
    kind: 'PodMetrics',
    of: resources.pods,
    namespaced: true,
    item: ({ usage, clock }, facts) => {
      const found = usage.pod(facts.index.fields['spec.nodeName'] ?? '', facts.index.uid, clock.monotonic());
      return found === undefined ? undefined : podMetrics(facts, found, clock.now());
    },
  },
};

/** The group's resources as the documents tell of them. */
const infos = optionalResources([groupVersion]);
const documents: Readonly<Record<string, () => object | undefined>> = {
  [`/apis/${groupVersion}`]: () => apiResourceList(infos, group, 'v1beta1'),
  '/openapi/v2': () => openapiV2(infos),
  '/openapi/v3': () => openapiV3Index(infos),
  [`/openapi/v3/apis/${groupVersion}`]: () => openapiV3(`apis/${groupVersion}`, infos),
};
const plain: NegotiationRules = { table: false, partial: false, router: true };
const shaped: NegotiationRules = { table: true, partial: false, router: true };

/** Answers as metrics-server does, from the reports of the nodes' agents. */
export function metricsApi(ports: MetricsApiPorts): OwnApi {
  return {
    group,
    version: 'v1beta1',
    answer: (context) => (context.info.isResource ? answerOf(ports, context) : documentOf(context)),
  };
}

/** Discovery and the descriptions of the kinds. */
function documentOf(context: RequestContext): ApiHttpResponse {
  const { path, verb } = context.info;
  const document = documents[path]?.();
  if (document === undefined) throw pathNotFound();
  if (verb !== 'get') throw methodNotAllowed();
  return written(context, document, negotiate(headerOf(context.http.headers, 'accept'), plain));
}

function answerOf(ports: MetricsApiPorts, context: RequestContext): ApiHttpResponse {
  const { resource, subresource, verb, namespace, inNamespace } = context.info;
  const about = Object.hasOwn(measured, resource) ? measured[resource] : undefined;
  if (about === undefined || subresource !== '' || (inNamespace && !about.namespaced)) throw pathNotFound();
  const negotiated = negotiate(headerOf(context.http.headers, 'accept'), shaped);
  if (verb === 'watch') throw methodNotSupported({ group, resource }, 'watch');
  if (verb === 'get') return one(ports, context, { about, negotiated });
  if (verb !== 'list') throw methodNotAllowed();
  const items = selected(ports, context, { about, namespace: inNamespace ? namespace : undefined });
  if (negotiated.shape === 'Table') return table(context, items, { about, negotiated });
  return written(
    context,
    { kind: `${about.kind}List`, apiVersion: groupVersion, metadata: {}, items: items.map(({ object }) => object) },
    negotiated,
  );
}

interface Asked {
  readonly about: Measured;
  readonly negotiated: Negotiated;
}

function one(ports: MetricsApiPorts, context: RequestContext, { about, negotiated }: Asked): ApiHttpResponse {
  const { namespace, name, resource, inNamespace } = context.info;
  if (about.namespaced !== inNamespace) throw pathNotFound();
  const object = ports.view.get<KubeObject>(about.of, about.namespaced ? namespace : undefined, name);
  const [facts] = object === undefined ? [] : factsOf(about.of, [object]);
  if (facts === undefined) throw notFound(about.of, name);
  const item = about.item(ports, facts);
  if (item === undefined) throw notFound({ group, resource }, about.namespaced ? `${namespace}/${name}` : name);
  return negotiated.shape === 'Table'
    ? table(context, [item], { about, negotiated })
    : written(context, { kind: about.kind, apiVersion: groupVersion, ...item.object }, negotiated);
}

/** The measured ones among those that the query selects, in the order of the objects themselves. */
function selected(
  ports: MetricsApiPorts,
  { query }: RequestContext,
  { about, namespace }: { readonly about: Measured; readonly namespace: string | undefined },
): readonly MetricsItem[] {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '');
  checkFieldSelector(fields, about, undefined);
  return ports.view
    .facts(about.of, namespace === undefined ? {} : { namespace })
    .filter(({ index }) => selectorMatches(labels, index.labels) && fieldSelectorMatches(fields, index.fields))
    .flatMap((facts) => about.item(ports, facts) ?? []);
}

function table(context: RequestContext, items: readonly MetricsItem[], { about, negotiated }: Asked): ApiHttpResponse {
  return written(
    context,
    metricsTable(items, {
      kind: about.kind,
      metaVersion: negotiated.metaVersion,
      include: includeObjectOf(context.query),
    }),
    negotiated,
  );
}

/** In JSON for who prefers protobuf: its form of a duration is none of the tables'. */
function written(context: RequestContext, value: object, negotiated: Negotiated): ApiHttpResponse {
  const { encoding } = negotiated;
  return encoded(200, value, {
    negotiated: { ...negotiated, encoding: encoding === 'protobuf' ? 'json' : encoding },
    pretty: wantsPretty(context),
  });
}
