/** The kinds MutatingWebhookConfiguration and ValidatingWebhookConfiguration: defaults, validation and columns. */

import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  Sent,
  ValidatingWebhook,
  WebhookClientConfig,
} from '../../objects/index.ts';
import {
  dns1035Label,
  dns1123Subdomain,
  duplicate,
  type FieldError,
  invalid,
  required,
  validateLabelSelector,
} from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { choice, each, invalids, isSet } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { strategy } from '../strategy.ts';
import { expressionErrors } from './expression-validation.ts';
import { matchConditionsErrors, ruleErrors } from './rules-validation.ts';
import { serviceErrors, urlErrors } from './webhook-client.ts';

const defaultPort = 443;
const defaultTimeoutSeconds = 10;
const timeoutSecondsMax = 30;
const knownVersions = ['v1', 'v1beta1'];

type Webhook = Sent<MutatingWebhook> & Sent<ValidatingWebhook>;
const webhooksOf = (object: object): Webhook[] => (object as Sent<MutatingWebhookConfiguration>).webhooks ?? [];

function defaultWebhook(webhook: Webhook, mutating: boolean): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= defaultTimeoutSeconds;
  if (mutating) webhook.reinvocationPolicy ??= 'Never';
  for (const rule of webhook.rules ?? []) rule.scope ??= '*';
  if (webhook.clientConfig?.service !== undefined) webhook.clientConfig.service.port ??= defaultPort;
}

function fullNameErrors(path: string, name: string | undefined): FieldError[] {
  if (!isSet(name)) return [required(path)];
  const messages = dns1123Subdomain(name);
  if (messages.length > 0) return invalids(path, name, messages);
  return name.split('.').length < 3
    ? [invalid(path, name, 'should be a domain with at least three segments separated by dots')]
    : [];
}

function clientErrors(config: Sent<WebhookClientConfig> | undefined, path: string): FieldError[] {
  const { url, service } = config ?? {};
  if ((url === undefined) === (service === undefined))
    return [required(path, 'exactly one of url or service is required')];
  return url === undefined ? serviceErrors(service ?? {}, `${path}.service`) : urlErrors(url, `${path}.url`);
}

function versionErrors(versions: readonly string[], path: string): FieldError[] {
  if (versions.length === 0) return [required(path, `must specify one of ${knownVersions.join(', ')}`)];
  const errors = each(path, versions, (version, at, index) => [
    ...(versions.indexOf(version) < index ? [invalid(at, version, 'duplicate version')] : []),
    ...invalids(at, version, dns1035Label(version)),
  ]);
  return versions.some((version) => knownVersions.includes(version))
    ? errors
    : [...errors, invalid(path, versions, `must include at least one of ${knownVersions.join(', ')}`)];
}

function webhookErrors(webhook: Webhook, path: string): FieldError[] {
  const seconds = webhook.timeoutSeconds;
  const late = seconds !== undefined && (seconds < 1 || seconds > timeoutSecondsMax);
  const sideEffects = ['None', 'NoneOnDryRun'];
  return [
    ...fullNameErrors(`${path}.name`, webhook.name),
    ...each(`${path}.rules`, webhook.rules, ruleErrors),
    ...choice(`${path}.failurePolicy`, webhook.failurePolicy, ['Fail', 'Ignore']),
    ...choice(`${path}.matchPolicy`, webhook.matchPolicy, ['Equivalent', 'Exact']),
    ...(webhook.sideEffects === undefined
      ? [required(`${path}.sideEffects`, `must specify one of ${sideEffects.join(', ')}`)]
      : choice(`${path}.sideEffects`, webhook.sideEffects, sideEffects)),
    ...(late
      ? [
          invalid(
            `${path}.timeoutSeconds`,
            seconds,
            `the timeout value must be between 1 and ${timeoutSecondsMax} seconds`,
          ),
        ]
      : []),
    ...validateLabelSelector(webhook.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(webhook.objectSelector, `${path}.objectSelector`),
    ...clientErrors(webhook.clientConfig, `${path}.clientConfig`),
    ...versionErrors(webhook.admissionReviewVersions ?? [], `${path}.admissionReviewVersions`),
    ...choice(`${path}.reinvocationPolicy`, webhook.reinvocationPolicy, ['IfNeeded', 'Never']),
    ...matchConditionsErrors(webhook.matchConditions, `${path}.matchConditions`),
    ...expressionErrors({ matchConditions: webhook.matchConditions ?? [] }, path),
  ];
}

function configurationErrors(object: KubeObject): FieldError[] {
  const names = new Set<string>();
  return each('webhooks', webhooksOf(object), (webhook, at) => {
    const errors = webhookErrors(webhook, at);
    if (isSet(webhook.name)) {
      if (names.has(webhook.name)) errors.push(duplicate(`${at}.name`, webhook.name));
      names.add(webhook.name);
    }
    return errors;
  });
}

/** The behaviour of both kinds of webhook configurations. */
export function webhookBehaviour(options: { readonly mutating: boolean }): KindBehaviour {
  return {
    ...strategy({ generation: true, status: false }),
    defaults(object: JsonObject) {
      for (const webhook of webhooksOf(object)) defaultWebhook(webhook, options.mutating);
    },
    allowUnconditionalUpdate: false,
    validate: configurationErrors,
    columns: [nameColumn, column('Webhooks', 'Number of webhooks.', { type: 'integer' }), ageColumn],
    row: (object, now) => [object.metadata.name ?? '', webhooksOf(object).length, ageOf(object, now)],
  };
}
