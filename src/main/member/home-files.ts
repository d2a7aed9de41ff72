/** The files by which users and other processes of this machine find the member. */
import { joinHostPort } from '../../base/index.ts';
import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemClock } from '../../platform/index.ts';
import { type KubeconfigOptions, kubeconfigText, type Pki } from '../keys/index.ts';
import { withOwnPorts } from '../../shards/index.ts';
import { nodeNameOf } from '../node/index.ts';
import {
  entryOf,
  type Home,
  type NatsEndpoint,
  natsUrls,
  type Place,
  type PlannedMember,
  writeNatsFile,
  writeNote,
  writePrivate,
} from '../process/index.ts';

interface HomeFilesOptions {
  readonly home: Home;
  readonly place: Place;
  readonly pki: Pki;
  /** The member's own NATS server. */
  readonly nats: NatsEndpoint;
  /** Whether this process also runs a node. */
  readonly withNode: boolean;
}

/** Writes kubeconfig, nats.json and the note of the running process, as they are to be now. */
export function writeHomeFiles({ home, place, pki, nats, withNode }: HomeFilesOptions): void {
  const { name, settings, plan } = place;
  const ownMember = { name, apiPort: settings.apiPort, natsPort: nats.port };
  const members: readonly Reached[] = plan.length === 0 ? [ownMember] : withOwnPorts(plan);
  // The member that it is beside writes what is for users.
  if (entryOf(place)?.beside === undefined) {
    const user =
      settings.authentication.kubeconfig === 'token'
        ? { token: nats.token }
        : { certificate: pki.adminCertificate, key: pki.adminKey };
    writeKubeconfigs(home, place, { ca: pki.ca, user, members });
    writeNatsFile(home, settings, {
      token: nats.token,
      servers: natsUrls(members, nats.host),
      ca: settings.address === '' ? undefined : pki.ca,
    });
  }
  writeNote(home, {
    role: 'member',
    name,
    pid: process.pid,
    url: urlOf(place, { apiPort: settings.apiPort }),
    node: withNode ? nodeNameOf(hostname()) : undefined,
    startedAt: new Date(systemClock.now()).toISOString(),
  });
}

type Reached = Pick<PlannedMember, 'name' | 'host' | 'apiPort' | 'natsPort' | 'beside'>;

/** One for the first member, and with several members one that has them all as contexts. */
function writeKubeconfigs(
  home: Home,
  place: Place,
  { members, ...who }: Pick<KubeconfigOptions, 'ca' | 'user'> & { readonly members: readonly Reached[] },
): void {
  const access = { cluster: place.settings.cluster, ...who };
  const servers = members.map((member) => ({ member: member.name, url: urlOf(place, member) }));
  writePrivate(home.kubeconfig, kubeconfigText({ ...access, servers: servers.slice(0, 1) }));
  if (servers.length > 1) writePrivate(home.kubeconfigAll, kubeconfigText({ ...access, servers }));
  else rmSync(home.kubeconfigAll, { force: true });
}

/** The API's address; of a member without a host, this machine's. */
function urlOf({ settings }: Place, { host, apiPort }: Pick<PlannedMember, 'host' | 'apiPort'>): string {
  const own = settings.address === '' ? '127.0.0.1' : settings.address;
  return `https://${joinHostPort(host ?? own, apiPort)}`;
}
