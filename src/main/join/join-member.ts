import { callCluster } from './cluster-call.ts';
import type { MemberBundle } from './admit-member.ts';
import {
  joinedSettings,
  keepNatsEndpoint,
  keepSettings,
  makeHome,
  membersOfMachines,
  natsPortOf,
  savePlan,
  saveSettings,
  type Settings,
  version,
} from '../process/index.ts';
import { JoinProblem } from './checks.ts';
import { checkName, type JoinOptions, meetCluster, messageOf } from './steps.ts';
import { noteJoining, writeMemberSecrets } from './member-join.ts';
import { checkOwnPorts } from './own-ports.ts';

export const memberJoinPath = '/troupe/api/members/join';

/**
 * Makes this machine's home that of a member of the cluster: proves the token, is taken in as a learner of the store,
 * gets what members share, and writes what the member starts from. Nothing is written unless all of it succeeds; it may
 * be done again until then.
 */
export async function joinMember(
  options: JoinOptions & { /** The node that the member runs as well. */ readonly node?: string },
): Promise<Settings> {
  const { name, home, node } = options;
  const { caller, settings } = await meetCluster(options);
  if (node !== undefined) await checkName(caller, node);
  const { address, apiPort, nats } = settings;
  const asked = {
    name,
    host: address,
    apiPort,
    natsPort: natsPortOf(settings),
    routePort: nats.routePort,
    version: version(),
  };
  await checkOwnPorts(address, [
    { setting: 'nats.port', port: asked.natsPort },
    { setting: 'nats.routePort', port: nats.routePort },
    { setting: 'linkPort', port: settings.linkPort },
  ]);
  const answer = await callCluster(caller, { method: 'POST', path: memberJoinPath, body: asked });
  if (answer.status === 403)
    throw new JoinProblem('the token is not for members; make one with `troupe token create --role member`');
  if (answer.status !== 200)
    throw new JoinProblem(`the cluster does not take this machine as a member: ${messageOf(answer)}`);
  const bundle = answer.body as MemberBundle;
  makeHome(home);
  noteJoining(home);
  writeMemberSecrets(home, bundle);
  keepNatsEndpoint(home, { host: address, port: asked.natsPort, token: bundle.adminToken });
  savePlan(
    home,
    membersOfMachines(
      settings,
      name,
      bundle.members.map(({ name: other, host, apiPort: port, natsPort, routePort }) => ({
        name: other,
        host,
        apiPort: port,
        natsPort,
        routePort,
      })),
    ),
  );
  keepSettings(home, joinedSettings(settings));
  saveSettings(home, settings);
  return settings;
}
