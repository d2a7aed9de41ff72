/** Reads the defaults and exemptions of PodSecurity. */
import { policyOfLabels } from '../../api/index.ts';
import type { PodSecurityDefaults } from '../../resources/index.ts';
import type { PlugInSection, Tree } from './plug-in-section.ts';

const modes = ['enforce', 'audit', 'warn'] as const;
/** What an exemption may be named. */
const names = {
  usernames: /^.+$/s,
  runtimeClasses: /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/,
  namespaces: /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
} as const;

/** pod-security.admission.config.k8s.io/v1 PodSecurityConfiguration. Throws an Error for what cannot be used. */
export function podSecurityOf({ tree }: PlugInSection): PodSecurityDefaults {
  const { apiVersion, kind, defaults = {}, exemptions = {} } = tree;
  if (apiVersion !== 'pod-security.admission.config.k8s.io/v1' || kind !== 'PodSecurityConfiguration')
    throw new Error('expected apiVersion pod-security.admission.config.k8s.io/v1 and kind PodSecurityConfiguration');
  const exempt = (what: keyof typeof names): ReadonlySet<string> => exemptNames(exemptions as Tree, what);
  return {
    policy: policyOf(defaults as Tree),
    exemptions: {
      usernames: exempt('usernames'),
      runtimeClasses: exempt('runtimeClasses'),
      namespaces: exempt('namespaces'),
    },
  };
}

/** The defaults are what labels of a namespace could say, and are read as those. */
function policyOf(defaults: Tree): PodSecurityDefaults['policy'] {
  const known = modes.flatMap((mode) => [mode, `${mode}-version`]);
  const odd = Object.keys(defaults).find((field) => !known.includes(field));
  if (odd !== undefined) throw new Error(`defaults.${odd}: unknown; expected ${known.join(', ')}`);
  const labels = modes.flatMap((mode) => [
    [`pod-security.kubernetes.io/${mode}`, String(defaults[mode] ?? 'privileged')],
    [`pod-security.kubernetes.io/${mode}-version`, String(defaults[`${mode}-version`] ?? 'latest')],
  ]);
  const { policy, errors } = policyOfLabels(Object.fromEntries(labels) as Readonly<Record<string, string>>);
  const [error] = errors;
  if (error === undefined) return policy;
  throw new Error(`defaults: ${error.field.replace(/^.*io\/|\]$/g, '')}: ${error.detail}`);
}

function exemptNames(exemptions: Tree, what: keyof typeof names): ReadonlySet<string> {
  const list = exemptions[what] ?? [];
  if (!Array.isArray(list)) throw new Error(`exemptions.${what}: expected a list of names`);
  const odd = list.find((name: unknown) => typeof name !== 'string' || !names[what].test(name)) as unknown;
  if (odd !== undefined) throw new Error(`exemptions.${what}: ${JSON.stringify(odd)} is not a name`);
  if (new Set(list).size < list.length) throw new Error(`exemptions.${what}: a name stands there twice`);
  return new Set(list as readonly string[]);
}
