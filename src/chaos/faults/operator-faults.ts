/** What operators do: restarts for an upgrade; actors restarted, and flooded, by what the cluster offers. */
import { delay } from '../../base/index.ts';
import { Impossible } from '../targets/target.ts';
import { Unanswered } from '../clients/api-client.ts';
import type { TroupeHome } from '../targets/troupe-home.ts';
import { type BeginFault, chosen, type Effect, type FaultContext, homeOf, NothingToStrike, once } from './fault.ts';

/** Every member in turn, by `troupe member restart`: each is drained, ends and begins. */
export const rollingRestart: BeginFault = async (context): Promise<Effect> => {
  const home = homeOf(context);
  const names = home.members();
  const before = new Map(names.map((name) => [name, home.member(name)]));
  for (const name of names) {
    const { status, stderr } = await home.troupe(['member', 'restart', name], {
      at: home.homeOf(name),
      group: context.target.groups?.folderOf(name),
    });
    if (status !== 0) throw new Error(`${name} could not be restarted: ${stderr.trim()}`);
  }
  const pairs = names.map((name) => `${name} ${before.get(name) ?? 'none'} → ${home.member(name) ?? 'none'}`);
  return once(names.join(', '), `other processes: ${pairs.join(', ')}`);
};

const heardMs = 10_000;
const pollMs = 250;

/** A member goes with its folder, and another one joins with an empty one. */
export const replaceMember: BeginFault = async (context): Promise<Effect> => {
  const [home, { homes }] = [homeOf(context), context.target];
  if (homes === undefined)
    throw new Impossible('members share a home here: a new one joins with a home of its own, as on another machine');
  const victims = await home.victims('member', context.api);
  const { name } = chosen(
    victims.filter((victim) => homes.canReplace(victim.name)),
    context,
  );
  const heir = await homes.replace(name);
  // Another member may hear of it later.
  const end = context.now() + heardMs;
  let voters = await votersOf(home);
  while (voters.includes(name) || !voters.includes(heir)) {
    if (context.now() > end) throw new Error(`after it, ${voters.join(', ')} vote`);
    await delay(context.timers, pollMs);
    voters = await votersOf(home);
  }
  const proof = `${name} was removed with its home; ${heir} joined with an empty one: ${voters.join(', ')} vote`;
  return once(name, proof);
};

async function votersOf(home: TroupeHome): Promise<readonly string[]> {
  const { stdout, stderr, status } = await home.troupe(['member', 'list', '-o', 'json']);
  if (status !== 0) throw new Error(`the members cannot be listed: ${stderr.trim()}`);
  const rows = JSON.parse(stdout) as readonly { readonly name: string; readonly role: string }[];
  return rows.filter(({ role }) => role === 'voter').map(({ name }) => name);
}

interface Actor {
  readonly address: string;
  readonly process: string;
}

/** An actor's address has four parts: kind, bucket, namespace, name. */
const isActorOfObject = ({ address }: Actor): boolean => /^[^/]+-controller(\/[^/]+){3}$/.test(address);

/** One of the actors that reconcile an object. */
async function actorOf(context: FaultContext): Promise<Actor> {
  const home = homeOf(context);
  const listed = await home.troupe(['actor', 'list', '-o', 'json']);
  if (listed.status !== 0) throw new NothingToStrike(`the actors cannot be listed: ${listed.stderr.trim()}`);
  const actors = (JSON.parse(listed.stdout) as readonly Actor[]).filter(isActorOfObject);
  const actor = actors[context.pick % Math.max(1, actors.length)];
  if (actor === undefined) throw new NothingToStrike('no object has an actor just now');
  return actor;
}

export const restartActor: BeginFault = async (context): Promise<Effect> => {
  const { address, process } = await actorOf(context);
  const { status, stdout, stderr } = await homeOf(context).troupe(['actor', 'restart', address, '--process', process]);
  if (status !== 0) throw new NothingToStrike(`${address} was not restarted: ${stderr.trim()}`);
  return once(address, stdout.trim());
};

/** Its process ends it in time, also when nobody asks for that. */
const disturbActor =
  (how: 'stall' | 'duplicate'): BeginFault =>
  async (context): Promise<Effect> => {
    const { api, spec } = context;
    const { address, process } = await actorOf(context);
    const asked = async (forMs: number): Promise<string> => {
      const body = { process, address, how, forMs: String(forMs) };
      const outcome = await api.call({ method: 'POST', path: '/troupe/api/actors/disturb', body });
      if (outcome.type !== 'answered') throw new Unanswered(outcome.why);
      const { message } = JSON.parse(outcome.text) as { readonly message: string };
      if (outcome.status === 404) throw new NothingToStrike(message);
      if (outcome.status !== 200) throw new Error(message);
      return message;
    };
    const proof = `${process} says: ${await asked(spec.forMs)}`;
    return { victim: address, proof, end: () => asked(0).catch(() => undefined) };
  };

export const stallActor = disturbActor('stall');
export const duplicateMessages = disturbActor('duplicate');

const lanes = 16;

/** Changes one Deployment as fast as it can: each change wakes its actor. */
export const floodActor: BeginFault = async ({ api, namespace, spec, now }): Promise<Effect> => {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  await api.call({ method: 'POST', path, body: flooded });
  const end = now() + spec.forMs;
  let [sent, taken] = [0, 0];
  const lane = async (): Promise<void> => {
    while (sent < spec.amount && now() < end) {
      sent += 1;
      const body = { metadata: { annotations: { flood: String(sent) } } };
      const type = 'application/merge-patch+json';
      const outcome = await api.call({ method: 'PATCH', path: `${path}/flooded`, type, body });
      if (outcome.type === 'answered' && outcome.status === 200) taken += 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (taken === 0) throw new Error('not one change was taken');
  return once(`deployment-controller/*/${namespace}/flooded`, `${taken} of ${sent} changes of one object were taken`);
};

const flooded = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'flooded' },
  spec: {
    replicas: 0,
    selector: { matchLabels: { chaos: 'flooded' } },
    template: { metadata: { labels: { chaos: 'flooded' } }, spec: { containers: [{ name: 'c', image: 'none' }] } },
  },
};
