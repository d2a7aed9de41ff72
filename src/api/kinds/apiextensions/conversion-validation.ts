/** Validates spec.conversion of a CustomResourceDefinition. */

import type { DefinitionSpec, WebhookClient } from '../../custom-schema/index.ts';
import { dns1035Label, type FieldError, forbidden, invalid, required } from '../../machinery/index.ts';
import { requiredChoice } from '../checks.ts';
import { serviceErrors, urlErrors } from '../admissionregistration/webhook-client.ts';

const knownVersions = ['v1', 'v1beta1'];

function clientErrors(client: WebhookClient | undefined, path: string): FieldError[] {
  if (client === undefined) return [required(path, 'required when strategy is set to Webhook')];
  if ((client.url === undefined) === (client.service === undefined))
    return [required(path, 'exactly one of url or service is required')];
  return client.url === undefined
    ? serviceErrors(client.service ?? {}, `${path}.service`)
    : urlErrors(client.url, `${path}.url`);
}

function reviewVersionErrors(versions: readonly string[], path: string): FieldError[] {
  if (versions.length === 0) return [required(path)];
  const errors = versions.flatMap((version, index) => {
    if (versions.indexOf(version) < index) return [invalid(`${path}[${index}]`, version, 'duplicate version')];
    return dns1035Label(version).map((message) => invalid(`${path}[${index}]`, version, message));
  });
  return versions.some((version) => knownVersions.includes(version))
    ? errors
    : [...errors, invalid(path, versions, `must include at least one of ${knownVersions.join(', ')}`)];
}

/** How objects are brought from one version to another. Upstream's errors name the fields by its inner form. */
export function conversionErrors(conversion: DefinitionSpec['conversion'], path: string): FieldError[] {
  if (conversion === undefined) return [];
  const { strategy, webhook } = conversion;
  const errors = requiredChoice(`${path}.strategy`, strategy, ['None', 'Webhook']);
  const versions = webhook?.conversionReviewVersions ?? [];
  if (strategy === 'Webhook')
    return [
      ...errors,
      ...clientErrors(webhook?.clientConfig, `${path}.webhookClientConfig`),
      ...reviewVersionErrors(versions, `${path}.conversionReviewVersions`),
    ];
  const unwanted = 'should not be set when strategy is not set to Webhook';
  return [
    ...errors,
    ...(webhook?.clientConfig === undefined ? [] : [forbidden(`${path}.webhookClientConfig`, unwanted)]),
    ...(versions.length === 0 ? [] : [forbidden(`${path}.conversionReviewVersions`, unwanted)]),
  ];
}
