/** Keeps the home's files, certificates and keys as the running cluster has them. */
import type { Logger } from '../../base/index.ts';
import { type Bus, subjectsOf } from '../../bus/index.ts';
import { systemClock, systemTimers } from '../../platform/index.ts';
import type { MemberRecord } from '../../shards/index.ts';
import { ensureHomePki, followSigningKeys, keepCertificates, type Pki } from '../keys/index.ts';
import {
  type Home,
  membersOfMachines,
  type NatsEndpoint,
  type Place,
  type PlannedMember,
  routesOf,
  savePlan,
  withoutRemoved,
} from '../process/index.ts';
import { followMembers } from './directory.ts';
import { writeHomeFiles } from './home-files.ts';
import type { Member } from './member.ts';

interface CurrentHomePorts {
  readonly bus: Bus;
  readonly log: Logger;
}

interface CurrentHomeOptions {
  readonly home: Home;
  readonly place: Place;
  readonly withNode: boolean;
  readonly pki: Pki;
  readonly nats: NatsEndpoint;
  readonly member: Member;
  /** Has the NATS server read its certificates again, and know these other servers. */
  reload(others?: readonly string[]): void;
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
  #pki: Pki;
  /** The names of all members that were ever recorded while this process runs. */
  readonly #met = new Set<string>();
  readonly #followed: readonly { close(): void }[];

  constructor({ bus, log }: CurrentHomePorts, options: CurrentHomeOptions) {
    const { home, place, member, pki } = options;
    const { settings, plan } = place;
    this.#options = options;
    this.#plan = plan;
    this.#pki = pki;
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
          current: pki,
          ensure: () => ensureHomePki(home, settings),
          renewed: (renewed) => {
            this.#renewed(renewed);
            return Promise.resolve();
          },
        },
      ),
      followSigningKeys(home.pki, { keys: member.credentials.keys, timers: systemTimers, log }),
      ...directory,
    ];
  }

  close(): void {
    for (const followed of this.#followed) followed.close();
  }

  /** A removed member stops and leaves the files to the others. */
  #membersChanged(records: readonly MemberRecord[]): void {
    const { home, place, reload } = this.#options;
    const { name, settings, plan } = place;
    this.#plan = plan.some(({ host }) => host !== undefined)
      ? membersOfMachines(settings, name, records)
      : withoutRemoved(this.#plan, this.#met, records);
    for (const record of records) this.#met.add(record.name);
    if (this.#plan.every((known) => known.name !== name) || !savePlan(home, this.#plan)) return;
    this.#write();
    reload(routesOf(this.#plan, name));
  }

  #renewed(renewed: Pki): void {
    const { member, reload } = this.#options;
    this.#pki = renewed;
    member.api.renew({ certificate: renewed.serverCertificate, key: renewed.serverKey, clientCa: renewed.ca });
    reload();
    this.#write();
  }

  #write(): void {
    const { home, place, nats, withNode } = this.#options;
    writeHomeFiles({ home, place: { ...place, plan: this.#plan }, pki: this.#pki, nats, withNode });
  }
}
