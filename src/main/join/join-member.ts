/** Makes this machine a member of a cluster. */
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
import { checkName, type JoinOptions, checkCluster, messageOf } from './steps.ts';
import { noteJoining, writeMemberSecrets } from './member-join.ts';
import { checkOwnPorts } from './own-ports.ts';

const memberJoinPath = '/troupe/api/members/join';

interface JoinMemberOptions extends JoinOptions {
  /** The node that runs inside the member. */
  readonly node?: string | undefined;
  /** Absent: it will vote. */
  readonly role?: 'replica' | undefined;
}

/**
 * Proves the token, becomes a learner of the store, gets the members' secrets, and writes the home's files. Nothing is
 * written unless all of it succeeds; until then it can be repeated.
 */
export async function joinMember(options: JoinMemberOptions): Promise<Settings> {
  const { name, home, node, role } = options;
  const { caller, settings } = await checkCluster(options);
  if (node !== undefined) await checkName(caller, node);
  const { address, apiPort, nats } = settings;
  const member = {
    name,
    host: address,
    apiPort,
    natsPort: natsPortOf(settings),
    routePort: nats.routePort,
    version: version(),
    role,
  };
  await checkOwnPorts(address, [
    { setting: 'nats.port', port: member.natsPort },
    { setting: 'nats.routePort', port: nats.routePort },
    { setting: 'linkPort', port: settings.linkPort },
  ]);
  const answer = await callCluster(caller, { method: 'POST', path: memberJoinPath, body: member });
  if (answer.status === 403)
    throw new JoinProblem('the token is not for members; create one with `troupe token create --role member`');
  if (answer.status !== 200)
    throw new JoinProblem(`the cluster does not admit this machine as a member: ${messageOf(answer)}`);
  const bundle = answer.body as MemberBundle;
  makeHome(home);
  noteJoining(home);
  writeMemberSecrets(home, bundle);
  keepNatsEndpoint(home, { host: address, port: member.natsPort, token: bundle.adminToken });
  savePlan(
    home,
    membersOfMachines(
      settings,
      { name, role },
      bundle.members.map(({ version: _version, sealingKey: _sealingKey, ...reached }) => reached),
    ),
  );
  keepSettings(home, joinedSettings(settings));
  saveSettings(home, settings);
  return settings;
}
