/** Finds out that the others use new secrets already, for a member that they cannot tell so under the old ones. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callCluster, JoinProblem } from '../join/index.ts';
import type { Home, Place, PlannedMember } from '../process/index.ts';
import { acceptedAdminTokens, homeRotation, takeSteps } from './home-rotation.ts';

const path = '/troupe/api/members/rotation';
const later: readonly unknown[] = ['renew', 'drop', 'done'];

/**
 * Members change the secrets of NATS at one moment, and one that is down or cut off at that moment is heard by nobody
 * under the old ones. It has the new ones: it asks the others over HTTPS, where it believes old and new certificates,
 * and takes the step. Answers whether it did. Harmless at any time.
 */
export async function takeMissedStep(home: Home, { name, plan }: Pick<Place, 'name' | 'plan'>): Promise<boolean> {
  const rotation = homeRotation(home);
  if (rotation?.step !== 'trust') return false;
  for (const member of plan.filter((other) => other.name !== name)) {
    if (!(await isLater(home, member, rotation.id))) continue;
    takeSteps(home, { id: rotation.id, step: 'renew', fresh: rotation.fresh });
    return true;
  }
  return false;
}

async function isLater(home: Home, { host, apiPort }: PlannedMember, id: string): Promise<boolean> {
  if (host === undefined) return false;
  const ca = readFileSync(join(home.pki, 'ca.crt'), 'utf8');
  for (const token of acceptedAdminTokens(home)) {
    try {
      const { status, body } = await callCluster({ host, port: apiPort, ca, token }, { method: 'GET', path });
      const said = body as { readonly id?: unknown; readonly step?: unknown };
      if (status === 200 && said.id === id && later.includes(said.step)) return true;
    } catch (error) {
      if (!(error instanceof JoinProblem)) throw error;
    }
  }
  return false;
}
