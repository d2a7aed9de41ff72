/** Reads the AdmissionConfiguration: what the plug-ins' own settings are. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { errorMessage, isObject } from '../../base/index.ts';
import type { AdmissionConfiguration } from '../../resources/index.ts';
import { defaultsFile, type Settings, StartProblem } from '../process/index.ts';
import { eventLimitsOf } from './event-limits.ts';
import { imagePolicyOf } from './image-policy.ts';
import type { PlugInSection, Tree } from './plug-in-section.ts';
import { podSecurityOf } from './pod-security.ts';

type AdmissionSettings = Pick<Settings, 'profile' | 'admissionPlugins' | 'admissionConfigFile'>;

/**
 * What the file of the settings says (apiserver.config.k8s.io/v1 AdmissionConfiguration, Kubernetes'
 * --admission-control-config-file), and what comes with Troupe for plug-ins that it does not name. Throws StartProblem
 * for what cannot be used.
 */
export function admissionConfiguration(settings: AdmissionSettings, folder: string): AdmissionConfiguration {
  const { profile = '', admissionPlugins, admissionConfigFile = '' } = settings;
  const shipped = join(dirname(defaultsFile()), profile === '' ? 'admission.yaml' : `${profile}-admission.yaml`);
  const sections = new Map(sectionsOf(shipped));
  if (admissionConfigFile !== '')
    for (const [name, section] of sectionsOf(resolve(folder, admissionConfigFile))) sections.set(name, section);
  const part = <T>(name: string, read: (section: PlugInSection) => T): T | undefined => {
    const section = sections.get(name);
    return section === undefined ? undefined : inFile(section.file, name, () => read(section));
  };
  const imagePolicy = part('ImagePolicyWebhook', imagePolicyOf);
  if (admissionPlugins?.ImagePolicyWebhook === true && imagePolicy === undefined)
    throw new StartProblem(
      'admissionPlugins.ImagePolicyWebhook is on, but nothing says whom to ask; ' +
        'configure the plug-in in a file and name it in admissionConfigFile (docs/admission.md shows one)',
    );
  const podSecurity = part('PodSecurity', podSecurityOf);
  if (podSecurity === undefined) throw new StartProblem(`${shipped} does not configure PodSecurity`);
  return { eventLimits: part('EventRateLimit', eventLimitsOf) ?? [], podSecurity, imagePolicy };
}

function inFile<T>(file: string, name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new StartProblem(`${file}: the configuration of ${name} cannot be used: ${errorMessage(error)}`);
  }
}

const known = new Set(['EventRateLimit', 'ImagePolicyWebhook', 'PodSecurity']);

function sectionsOf(file: string): readonly (readonly [name: string, section: PlugInSection])[] {
  const refuse = (what: string): never => {
    throw new StartProblem(`admissionConfigFile: ${file}: ${what}`);
  };
  const config = treeAt(file, refuse);
  if (config['apiVersion'] !== 'apiserver.config.k8s.io/v1' || config['kind'] !== 'AdmissionConfiguration')
    refuse('expected apiVersion apiserver.config.k8s.io/v1 and kind AdmissionConfiguration');
  const plugins = config['plugins'] ?? [];
  if (!Array.isArray(plugins)) return refuse('plugins must be a list');
  return plugins.map((entry: unknown) => {
    const { name, path, configuration } = (entry ?? {}) as Tree;
    if (typeof name !== 'string' || !known.has(name))
      return refuse(`the plug-in ${JSON.stringify(name)} takes no configuration; ${[...known].join(', ')} do`);
    if (typeof path === 'string' && path !== '') {
      const own = resolve(dirname(file), path);
      return [name, { file: own, tree: treeAt(own, refuse) }];
    }
    if (!isObject(configuration)) return refuse(`the plug-in ${name} needs a path or a configuration`);
    return [name, { file, tree: configuration }];
  });
}

function treeAt(file: string, refuse: (what: string) => never): Tree {
  let value: unknown;
  try {
    value = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return refuse(`cannot read ${file} (${errorMessage(error)})`);
  }
  return isObject(value) ? value : refuse(`${file} is not an object`);
}
