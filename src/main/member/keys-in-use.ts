/** The keys, certificates and secrets of a running member, as they hold now. */
import { createNatsIssuer, type NatsIssuer } from '../../bus/index.ts';
import { ensureHomePki, type Pki } from '../keys/index.ts';
import { ensureNatsSecrets, type Home, type NatsSecrets, type Settings } from '../process/index.ts';
import { acceptedAdminTokens } from '../rotation/index.ts';

/** Read from the home's files when it is made, and again with each call of `reread`. */
export class KeysInUse {
  readonly #home: Home;
  readonly #settings: Settings;
  #pki: Pki;
  #nats: NatsSecrets;
  #issuer: NatsIssuer;
  #adminTokens: readonly string[];
  /** What is read of it is what holds at that moment. */
  readonly pki: Pki;
  readonly issuer: NatsIssuer;

  constructor(home: Home, settings: Settings, pki: Pki) {
    this.#home = home;
    this.#settings = settings;
    this.#pki = pki;
    this.#nats = ensureNatsSecrets(home);
    this.#issuer = createNatsIssuer(this.#nats.issuerSeed);
    this.#adminTokens = acceptedAdminTokens(home);
    this.pki = currentOf(() => this.#pki);
    this.issuer = currentOf(() => this.#issuer);
  }

  get nats(): NatsSecrets {
    return this.#nats;
  }

  /** The administrator's: the one that nats.json names, and while it is rotated the other one. */
  get adminTokens(): readonly string[] {
    return this.#adminTokens;
  }

  /** Makes certificates that are missing, old, or of another authority. Answers whether the secrets of NATS changed. */
  async reread(): Promise<{ readonly natsChanged: boolean }> {
    this.#pki = await ensureHomePki(this.#home, this.#settings);
    this.#adminTokens = acceptedAdminTokens(this.#home);
    const nats = ensureNatsSecrets(this.#home);
    const natsChanged = nats.issuerSeed !== this.#nats.issuerSeed;
    if (natsChanged) this.#issuer = createNatsIssuer(nats.issuerSeed);
    this.#nats = nats;
    return { natsChanged };
  }

  replacePki(pki: Pki): void {
    this.#pki = pki;
  }
}

/** An object whose fields are those of the current one at each moment. */
function currentOf<T extends object>(current: () => T): T {
  return new Proxy(current(), { get: (_first, field) => current()[field as keyof T] });
}
