/** Keeps the home's files, certificates and keys as the running cluster has them. */
import type { Logger } from '../../base/index.ts';
import { type Bus, subjectsOf } from '../../bus/index.ts';
import { systemClock, systemTimers } from '../../platform/index.ts';
import type { MemberRecord } from '../../shards/index.ts';
import { ensureHomePki, followSigningKeys, keepCertificates, readSigningKeys } from '../keys/index.ts';
import {
  adminTokenOf,
  besides,
  entryOf,
  type Home,
  membersOfMachines,
  type Place,
  type PlannedMember,
  routesOf,
  savePlan,
  withoutRemoved,
} from '../process/index.ts';
import { followRotation, type RotationUse, takeMissedStep } from '../rotation/index.ts';
import { followMembers } from './directory.ts';
import { writeHomeFiles } from './home-files.ts';
import type { KeysInUse } from './keys-in-use.ts';
import type { Member } from './member.ts';
import type { MemberNats } from './nats.ts';
import type { Peers } from './peers.ts';

interface CurrentHomePorts {
  readonly bus: Bus;
  readonly log: Logger;
}

interface CurrentHomeOptions {
  readonly home: Home;
  readonly place: Place;
  readonly withNode: boolean;
  readonly keys: KeysInUse;
  readonly nats: MemberNats;
  readonly peers: Peers | undefined;
  readonly member: Member;
}

/** Writes the files now, and again with each change of the members and of the certificates. */
export function keepHomeCurrent(ports: CurrentHomePorts, options: CurrentHomeOptions): { close(): void } {
  const current = new CurrentHome(ports, options);
  return {
    close: () => {
      current.close();
    },
  };
}

class CurrentHome {
  readonly #options: CurrentHomeOptions;
  #plan: readonly PlannedMember[];
  /** The names of all members that were ever recorded while this process runs. */
  readonly #met = new Set<string>();
  readonly #followed: readonly { close(): void }[];

  constructor({ bus, log }: CurrentHomePorts, options: CurrentHomeOptions) {
    const { home, place, member, keys } = options;
    const { settings, plan } = place;
    this.#options = options;
    this.#plan = plan;
    this.#write();
    const directory =
      plan.length === 0
        ? []
        : [
            followMembers(
              { store: member.store, bus, subjects: subjectsOf(settings.cluster), log },
              {
                changed: (records) => {
                  this.#membersChanged(records);
                },
              },
            ),
          ];
    this.#followed = [
      keepCertificates(
        { clock: systemClock, timers: systemTimers, log },
        {
          current: () => keys.pki,
          ensure: () => ensureHomePki(home, settings),
          renewed: (renewed) => {
            keys.replacePki(renewed);
            this.#show();
            return Promise.resolve();
          },
        },
      ),
      followSigningKeys(home.pki, { keys: member.credentials.keys, timers: systemTimers, log }),
      followRotation(
        { store: member.store, timers: systemTimers, log },
        {
          home,
          member: place.name,
          sealingKey: keys.pki.sealingKey,
          use: (step) => this.#use(step),
          takeMissed: () => takeMissedStep(home, { ...place, plan: this.#plan }),
        },
      ),
      ...directory,
    ];
  }

  close(): void {
    for (const followed of this.#followed) followed.close();
  }

  /** A removed member stops and leaves the files to the others. */
  #membersChanged(records: readonly MemberRecord[]): void {
    const { home, place, nats } = this.#options;
    const { name, settings, plan } = place;
    // The member that it is beside keeps the plan.
    const own = entryOf(place);
    if (own?.beside !== undefined) return;
    this.#plan = plan.some(({ host }) => host !== undefined)
      ? [...membersOfMachines(settings, { name, role: own?.role }, records), ...besides(plan, name)]
      : withoutRemoved(this.#plan, this.#met, records);
    for (const record of records) this.#met.add(record.name);
    if (this.#plan.every((known) => known.name !== name) || !savePlan(home, this.#plan)) return;
    this.#write();
    nats.reload(routesOf(this.#plan, name));
  }

  /** Puts the home's files to use after a step of a rotation. */
  async #use(step: RotationUse): Promise<void> {
    const { home, keys, nats, peers, member } = this.#options;
    if (step === 'done') {
      // Only now does no member let older credentials in.
      if (member.store.status().role === 'leader') await member.api.endNatsConnections();
      return;
    }
    const { natsChanged } = await keys.reread();
    member.credentials.keys.replace(readSigningKeys(home.pki));
    this.#show();
    if (natsChanged) await nats.authorize(keys.nats);
    if (step !== 'drop') return;
    member.api.withdraw();
    peers?.reopen();
  }

  /** Shows the current certificates to everybody, and believes the current authorities. */
  #show(): void {
    const { member, keys, nats, peers } = this.#options;
    const { pki } = keys;
    member.api.renew({ certificate: pki.serverCertificate, key: pki.serverKey, clientCa: pki.ca });
    peers?.renew(pki);
    nats.reload();
    this.#write();
  }

  #write(): void {
    const { home, place, keys, nats, withNode } = this.#options;
    const { endpoint } = nats;
    const current = { ...endpoint, token: adminTokenOf(home) ?? endpoint.token };
    writeHomeFiles({ home, place: { ...place, plan: this.#plan }, pki: keys.pki, nats: current, withNode });
  }
}
