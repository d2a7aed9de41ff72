/** The settings: defaults, overridden by the home's config.yaml, overridden by flags. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isMap, parseDocument } from 'yaml';
import { parseAddress } from '../../api/index.ts';
import { errorMessage, isObject } from '../../base/index.ts';
import {
  checkKubeletSettings,
  type KubeletSettings,
  type NetworkMode,
  networkModes,
  NodeSettingError,
  type RuntimeName,
  runtimeNames,
  runtimeSettings,
  type RuntimeSettings,
} from '../../node-agent/index.ts';
import { usagePeriodMs } from '../../protocol/index.ts';
import { type NetworkRangeSettings, rangeProblems } from './network-ranges.ts';
import { proxyPlaces, proxyPlaceProblem } from './proxy-places.ts';
import { type Home, writePrivate } from './home.ts';
import { kubeletFields } from './kubelet-fields.ts';

/** Every setting, as config/defaults.yaml explains it. */
export interface Settings {
  readonly cluster: string;
  /** Absent or '' in clusters that an earlier version made. */
  readonly clusterId?: string;
  /** Settings that go before the defaults: '' or `hardened`. Absent in settings that an earlier version saved. */
  readonly profile?: string;
  /** Address other machines use to reach this one; empty: a cluster of this machine only. */
  readonly address: string;
  readonly apiPort: number;
  readonly apiBind: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly nats: { readonly program: string; readonly host: string; readonly port: number; readonly routePort: number };
  readonly linkPort: number;
  readonly network: NetworkRangeSettings & {
    readonly clusterDomain: string;
    readonly nodePorts: string;
    /** Absent, as the next four, in settings that an earlier version saved. */
    readonly mode?: NetworkMode;
    readonly healthzBindAddress?: string;
    readonly metricsBindAddress?: string;
    readonly loadBalancers?: boolean;
    readonly reservedPorts?: readonly number[];
  };
  /** Absent in settings that an earlier version saved. */
  readonly storage?: { readonly localVolumes: boolean; readonly defaultClass: boolean };
  readonly audit: {
    readonly enabled: boolean;
    readonly policyFile: string;
    readonly logFile: string;
    readonly logBytesMax: number;
    readonly logBackupsMax: number;
    readonly logDaysMax: number;
    readonly webhookFile: string;
  };
  readonly authentication: {
    /** Absent, as the next one, in settings that an earlier version saved. */
    readonly kubeconfig?: 'certificate' | 'token';
    readonly anonymous?: { readonly enabled: boolean; readonly paths: readonly string[] };
    readonly modules: readonly string[];
    readonly oidc: {
      readonly issuerUrl: string;
      readonly audiences: readonly string[];
      readonly caFile: string;
      readonly usernameClaim: string;
      readonly usernamePrefix: string;
      readonly groupsClaim: string;
      readonly groupsPrefix: string;
      readonly requiredClaims: readonly string[];
      readonly signingAlgorithms: readonly string[];
    };
    readonly webhook: { readonly file: string; readonly cacheMs: number; readonly timeoutMs: number };
    readonly frontProxy: {
      readonly caFile: string;
      readonly allowedNames: readonly string[];
      readonly usernameHeaders: readonly string[];
      readonly groupHeaders: readonly string[];
      readonly extraHeaderPrefixes: readonly string[];
    };
  };
  readonly authorization: {
    readonly order: readonly string[];
    readonly modules: readonly string[];
    readonly webhook: {
      readonly file: string;
      readonly allowedMs: number;
      readonly deniedMs: number;
      readonly timeoutMs: number;
      readonly failurePolicy: string;
    };
  };
  /** Features of Kubernetes that are off by default, and group versions that are served only when they are on here. */
  readonly featureGates: {
    readonly MutatingAdmissionPolicy: boolean;
    /** Absent, as the versions of its group, in settings that an earlier version saved. */
    readonly DynamicResourceAllocation?: boolean;
    readonly ContainerStopSignals?: boolean;
    readonly ImageVolume?: boolean;
  };
  readonly runtimeConfig: {
    readonly 'admissionregistration.k8s.io/v1alpha1': boolean;
    readonly 'resource.k8s.io/v1beta1'?: boolean;
    readonly 'resource.k8s.io/v1beta2'?: boolean;
  };
  /** Admission plug-ins that are off by default. Absent in settings that an earlier version saved. */
  readonly admissionPlugins?: {
    readonly AlwaysPullImages: boolean;
    readonly DenyServiceExternalIPs: boolean;
    readonly EventRateLimit: boolean;
    readonly ImagePolicyWebhook: boolean;
  };
  /** Absent in settings that an earlier version saved. */
  readonly admissionConfigFile?: string;
  readonly encryption: {
    readonly enabled: boolean;
    readonly keysFile: string;
    /** Absent in settings that an earlier version saved. */
    readonly kms?: { readonly endpoint: string; readonly timeoutMs: number };
  };
  /** Absent in settings that an earlier version saved. */
  readonly ingress?: IngressSettings;
  /** Absent in settings that an earlier version saved. */
  readonly resourceMetrics?: { readonly enabled: boolean; readonly periodMs: number };
  /** Those of a kubelet are absent in settings that an earlier version saved. */
  readonly node: RuntimeSettings &
    KubeletSettings & {
      readonly runtime: RuntimeName;
      readonly podsMax: number;
      /** Absent, as the next seven, in settings that an earlier version saved. */
      readonly podPidsLimit?: number;
      readonly seccompDefault?: boolean;
      readonly seccompFolder?: string;
      readonly staticPodPath?: string;
      readonly port?: number;
      readonly address?: string;
      readonly kubeletRoot?: string;
      readonly allowedUnsafeSysctls?: readonly string[];
      readonly leaseMs: number;
      readonly graceMs: number;
      readonly certificateDays: number;
    };
}

export interface IngressSettings {
  readonly enabled: boolean;
  readonly bind: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly className: string;
}

/** A setting that cannot be used. The message names file and key and says what is expected. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

const profiles: readonly string[] = ['hardened'];

type Tree = { readonly [key: string]: unknown };

/** The home's file may be missing; undefined flags are ignored. Throws SettingsError. */
export function loadSettings(defaultsFile: string, homeFile: string, flags: Tree = {}): Settings {
  const defaults = readTree(defaultsFile, true);
  const own = underOwnNames(readTree(homeFile, false), homeFile);
  const profile = profileOf([flags, own], defaultsFile, homeFile);
  const merged = merge(merge(merge(defaults, profile.tree, profile.file), own, homeFile), flags, 'the command line');
  // It has the keys and types of the defaults, which are those of Settings.
  const settings = merged as unknown as Settings;
  check(settings, homeFile);
  return settings;
}

/** Settings of a node that a KubeletConfiguration has by another name. */
const kubeletNames: Readonly<Record<string, string>> = { maxPods: 'podsMax' };

/** The file's settings with a kubelet's names and values for them as they are called here. */
function underOwnNames(tree: Tree, source: string): Tree {
  const { node } = tree;
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return tree;
  const renamed: { [key: string]: unknown } = {};
  for (const [key, value] of Object.entries(node)) {
    const name = kubeletNames[key] ?? key;
    if (name in renamed)
      throw new SettingsError(`${source}: node.${name} is there twice, once by a kubelet's name for it; keep one`);
    // A kubelet's way to say that there is no limit.
    renamed[name] = name === 'podPidsLimit' && value === -1 ? 0 : value;
  }
  return { ...tree, node: renamed };
}

interface Profile {
  readonly file: string;
  readonly tree: Tree;
}

/** The settings of the profile that the first of the trees names: a file beside the defaults. */
function profileOf(trees: readonly Tree[], defaultsFile: string, homeFile: string): Profile {
  const name = trees.map((tree) => tree['profile']).find((value) => value !== undefined) ?? '';
  if (name === '') return { file: '', tree: {} };
  if (!profiles.includes(String(name)))
    throw new SettingsError(
      `${homeFile}: profile must be ${profiles.join(' or ')} or empty, not ${JSON.stringify(name)}`,
    );
  const folder = dirname(defaultsFile);
  const file = join(folder, `${String(name)}.yaml`);
  const tree = readTree(file, true);
  const audit = (tree['audit'] ?? {}) as Tree;
  const { policyFile } = audit;
  // A profile's files lie beside it.
  return {
    file,
    tree:
      typeof policyFile === 'string' ? { ...tree, audit: { ...audit, policyFile: join(folder, policyFile) } } : tree,
  };
}

/** The settings, with an identity for a cluster that begins with this start. */
export function withClusterId(home: Home, settings: Settings): Settings {
  const begun = existsSync(home.data) && readdirSync(home.data).length > 0;
  if (begun || (settings.clusterId ?? '') !== '') return settings;
  return { ...settings, clusterId: randomBytes(4).toString('hex') };
}

/** Saves the settings of a start, for the processes that keepers start and for the other commands. */
export function saveSettings(home: Home, settings: Settings): void {
  writePrivate(join(home.run, 'settings.json'), JSON.stringify(settings));
}

export function savedSettings(home: Home): Settings | undefined {
  const file = join(home.run, 'settings.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Settings) : undefined;
}

/**
 * The settings that a joining machine got from the cluster and its command line, so that `troupe up` starts the same
 * again.
 */
export function joinedSettings({ cluster, clusterId, address, apiPort, network, node }: Settings): Tree {
  const { leaseMs, graceMs, runtime } = node;
  const ofRuntimes = Object.fromEntries(runtimeSettings.map(({ key }) => [key, node[key]]));
  return { cluster, clusterId, address, apiPort, network, node: { leaseMs, graceMs, runtime, ...ofRuntimes } };
}

/** Adds the settings that the home's file does not have yet. */
export function keepSettings(home: Home, wanted: Tree): void {
  const document = parseDocument(existsSync(home.configFile) ? readFileSync(home.configFile, 'utf8') : '');
  const put = (tree: Tree, path: readonly string[]): void => {
    for (const [key, value] of Object.entries(tree)) {
      if (isObject(value)) put(value, [...path, key]);
      else if (value !== undefined && !document.hasIn([...path, key])) document.setIn([...path, key], value);
    }
  };
  put(wanted, []);
  writePrivate(home.configFile, document.toString());
}

/**
 * Group versions that are served beside those that always are. Who has pods get devices by claims serves claims: those
 * who act on them read and write the version in which they are stored.
 */
export function optionalVersions({ featureGates, runtimeConfig }: FeatureSettings): readonly string[] {
  const named = switchedOn(runtimeConfig ?? {});
  const implied = featureGates?.DynamicResourceAllocation === true ? ['resource.k8s.io/v1beta1'] : [];
  return [...new Set([...named, ...implied])];
}

type FeatureSettings = Partial<Pick<Settings, 'featureGates' | 'runtimeConfig'>>;

/** The names of the switches that are on. */
export function switchedOn(switches: Readonly<Record<string, boolean>>): readonly string[] {
  return Object.keys(switches).filter((name) => switches[name] === true);
}

function readTree(file: string, required: boolean): Tree {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (!required && error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new SettingsError(`cannot read ${file} (${errorMessage(error)}); check that it exists and its permissions`);
  }
  const document = parseDocument(text);
  const problem = document.errors[0];
  if (problem !== undefined)
    throw new SettingsError(`${file} is not valid YAML: ${problem.message.split('\n')[0] ?? ''}`);
  if (document.contents === null) return {};
  if (!isMap(document.contents))
    throw new SettingsError(`${file} must be a map of settings; config/defaults.yaml shows them`);
  return document.toJS() as Tree;
}

/** Settings that are lists of groups; checked by what reads them. */
const groupLists: ReadonlySet<string> = new Set(['node.shutdownGracePeriodByPodPriority']);

const isListOfGroups = (value: unknown): boolean => Array.isArray(value) && value.every(isObject);

function unknownSetting(place: string): string {
  if (place.startsWith('node.') && kubeletFields.includes(place.slice('node.'.length)))
    return `${place} of a kubelet is no setting here; docs/node-agent.md says what stands for it`;
  return `there is no setting ${place}; config/defaults.yaml lists them all`;
}

function merge(base: Tree, over: Tree, source: string, path = ''): Tree {
  const result: { [key: string]: unknown } = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const place = path === '' ? key : `${path}.${key}`;
    const known = base[key];
    if (known === undefined) throw new SettingsError(`${source}: ${unknownSetting(place)}`);
    if (Array.isArray(known)) {
      if (groupLists.has(place) && isListOfGroups(value)) {
        result[key] = value;
        continue;
      }
      const type = typeof known[0] === 'number' ? 'number' : 'string';
      if (!Array.isArray(value) || !value.every((item) => typeof item === type))
        throw new SettingsError(`${source}: ${place} must be a list of ${type}s, not ${JSON.stringify(value)}`);
      result[key] = value;
    } else if (typeof known === 'object' && known !== null) {
      if (typeof value !== 'object' || value === null)
        throw new SettingsError(`${source}: ${place} is a group of settings, not a value`);
      result[key] = merge(known as Tree, value as Tree, source, place);
    } else if (typeof value !== typeof known) {
      throw new SettingsError(`${source}: ${place} must be a ${typeof known}, not ${JSON.stringify(value)}`);
    } else result[key] = value;
  }
  return result;
}

/** Ports of the cluster or the operator, which no Service gets. */
export function reservedPorts({ apiPort, nats, linkPort, network }: Settings): readonly number[] {
  const { healthz } = proxyPlaces(network);
  const ofProxy = healthz === undefined ? [] : [healthz.port];
  return [...(network.reservedPorts ?? [22]), apiPort, nats.port, nats.routePort, linkPort, ...ofProxy];
}

function ingressPorts({ ingress }: Settings): readonly (readonly [place: string, port: number])[] {
  return ingress === undefined
    ? []
    : [
        ['ingress.httpPort', ingress.httpPort],
        ['ingress.httpsPort', ingress.httpsPort],
      ];
}

/** Refuses the value of a setting. */
type Wrong = (place: string, wanted: string, value: unknown) => never;

const isPort = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 65_535;

function check(settings: Settings, source: string): void {
  const wrong: Wrong = (place, wanted, value) => {
    throw new SettingsError(`${source}: ${place} must be ${wanted}, not ${JSON.stringify(value)}`);
  };
  if (!/^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/.test(settings.cluster))
    wrong('cluster', 'a lower-case name of letters, digits and dashes, 32 at most', settings.cluster);
  if (settings.address !== '' && parseAddress(settings.address) === undefined)
    wrong('address', 'an IP address of this machine, or empty', settings.address);
  for (const [place, port] of [
    ['apiPort', settings.apiPort],
    ['nats.routePort', settings.nats.routePort],
    ['linkPort', settings.linkPort],
    ...ingressPorts(settings),
  ] as const)
    if (!isPort(port)) wrong(place, 'a port from 1 to 65535', port);
  if (!['debug', 'info', 'warn', 'error'].includes(settings.logLevel))
    wrong('logLevel', 'debug, info, warn or error', settings.logLevel);
  const { kubeconfig = 'certificate' } = settings.authentication;
  if (!['certificate', 'token'].includes(kubeconfig))
    wrong('authentication.kubeconfig', 'certificate or token', kubeconfig);
  checkNode(settings.node, source, wrong);
  checkNetwork(settings.network, wrong);
  if (settings.ingress !== undefined && !/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(settings.ingress.className))
    wrong('ingress.className', 'a lower-case name such as troupe', settings.ingress.className);
  const { min, max } = usagePeriodMs;
  const { periodMs } = settings.resourceMetrics ?? { periodMs: min };
  if (!Number.isInteger(periodMs) || periodMs < min || periodMs > max)
    wrong('resourceMetrics.periodMs', `a number of ms from ${min} to ${max}`, periodMs);
}

function checkNode(node: Settings['node'], source: string, wrong: Wrong): void {
  const { runtime, podPidsLimit = 0, port = 0, address = '0.0.0.0', kubeletRoot = '/' } = node;
  if (!runtimeNames.includes(runtime)) wrong('node.runtime', runtimeNames.join(' or '), runtime);
  if (!Number.isInteger(podPidsLimit) || podPidsLimit < 0)
    wrong('node.podPidsLimit', 'a whole number, 0 for no limit', podPidsLimit);
  if (port !== 0 && !isPort(port)) wrong('node.port', 'a port, or 0 for none', port);
  if (parseAddress(address) === undefined) wrong('node.address', 'an IP address of this machine', address);
  try {
    checkKubeletSettings(node);
  } catch (error) {
    if (!(error instanceof NodeSettingError)) throw error;
    throw new SettingsError(`${source}: node.${error.message}`);
  }
  if (!kubeletRoot.startsWith('/')) wrong('node.kubeletRoot', 'an absolute path', kubeletRoot);
}

function checkNetwork(network: Settings['network'], wrong: Wrong): void {
  for (const { key, wanted } of rangeProblems(network)) wrong(`network.${key}`, wanted, network[key]);
  const misplaced = proxyPlaceProblem(network);
  if (misplaced !== undefined)
    wrong(`network.${misplaced}`, 'an address and a port, such as 127.0.0.1:10249, or empty', network[misplaced]);
  const { reservedPorts = [], mode = 'auto', nodePorts } = network;
  for (const port of reservedPorts)
    if (!isPort(port)) wrong('network.reservedPorts', 'a list of ports from 1 to 65535', port);
  if (!networkModes.includes(mode)) wrong('network.mode', networkModes.join(', '), mode);
  if (!/^\d+-\d+$/.test(nodePorts)) wrong('network.nodePorts', 'a range such as 30000-32767', nodePorts);
}
