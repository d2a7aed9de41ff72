/** Makes this machine a node of a cluster. */
import { systemRandom, systemTimers } from '../../platform/index.ts';
import { callCluster, type ClusterAnswer, type ClusterCaller } from './cluster-call.ts';
import { joinedSettings, keepSettings, makeHome, saveSettings, type Settings, writePrivate } from '../process/index.ts';
import { JoinProblem } from './checks.ts';
import { checkName, type JoinOptions, checkCluster, messageOf } from './steps.ts';
import {
  issuedCertificate,
  nodeRequest,
  RequestRefused,
  type SigningRequestObject,
  writeNodeCertificate,
} from '../keys/index.ts';

/**
 * Fetches the authority and checks its hash, proves the token, gets a certificate, and writes the home's files. Nothing
 * is written unless all of it succeeds.
 */
export async function joinNode(options: JoinOptions): Promise<Settings> {
  const { name, home } = options;
  const { ca, caller, shared, settings } = await checkCluster(options);
  await checkName(caller, name);
  const { request, key } = await nodeRequest({
    name,
    days: settings.node.certificateDays,
    id: `join-${systemRandom.uuid().slice(0, 8)}`,
  });
  const certificate = await requestCertificate(caller, request);
  makeHome(home);
  writePrivate(`${home.pki}/ca.crt`, ca);
  writeNodeCertificate(home, { certificate, key });
  writePrivate(
    home.natsFile,
    `${JSON.stringify({ servers: shared.natsServers, cluster: shared.cluster, ca }, undefined, 2)}\n`,
  );
  keepSettings(home, joinedSettings(settings));
  saveSettings(home, settings);
  return settings;
}

async function requestCertificate(caller: ClusterCaller, request: SigningRequestObject): Promise<string> {
  const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
  const must = (answer: ClusterAnswer): SigningRequestObject => {
    if (answer.status >= 300)
      throw new JoinProblem(
        `the cluster issues no certificate (status ${answer.status}: ${messageOf(answer)}); ` +
          'see `troupe logs` on the member',
      );
    return answer.body as SigningRequestObject;
  };
  try {
    return await issuedCertificate(
      {
        create: async (body) => {
          must(await callCluster(caller, { method: 'POST', path, body }));
        },
        get: async (name) =>
          must(await callCluster(caller, { method: 'GET', path: `${path}/${encodeURIComponent(name)}` })),
      },
      request,
      systemTimers,
    );
  } catch (error) {
    if (error instanceof RequestRefused) throw new JoinProblem(`the cluster refuses the certificate: ${error.message}`);
    throw error;
  }
}
