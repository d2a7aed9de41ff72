/** Certificates that run out, and have to be renewed before they do. */
import { connect } from 'node:tls';
import { briefenCertificates, systemClock } from '../../main/index.ts';
import { type BeginFault, chosen, type Effect, type FaultContext, homeOf, NotMended } from './fault.ts';

const answerMs = 5_000;

interface Shown {
  readonly fingerprint: string;
  /** Wall-clock ms. */
  readonly until: number;
}

/** The certificate that a new connection to this URL gets. */
function shownAt(url: string): Promise<Shown> {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    // Whatever it is worth: it is looked at, not believed.
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
      const { fingerprint256: fingerprint, valid_to: until } = socket.getPeerCertificate();
      socket.destroy();
      resolve({ fingerprint, until: Date.parse(until) });
    });
    socket.setTimeout(answerMs, () => {
      socket.destroy(new Error(`${url} shows no certificate`));
    });
    socket.on('error', reject);
  });
}

const timeOf = (ms: number): string => new Date(ms).toISOString().slice(11, 19);

/** The member begins with them; whether it has renewed them is looked at in the end. */
export const expireCertificates: BeginFault = async (context): Promise<Effect> => {
  const { spec, api } = context;
  const home = homeOf(context);
  const { name } = chosen(await home.victims('member', api), context);
  const brief = await briefenCertificates(home.homeOf(name).pki, {
    now: systemClock.now(),
    lifeMs: spec.amount * 1_000,
  });
  const restore = async (): Promise<void> => {
    brief.restore();
    await restart(context, name);
  };
  try {
    await restart(context, name);
    const url = home.url(name);
    const began = await shownAt(url);
    if (began.until > brief.until) throw new Error(`${name} made others when it started: it took too long for them`);
    const end = async (): Promise<string> => {
      const now = await shownAt(url).catch(() => began);
      if (now.fingerprint !== began.fingerprint)
        return `it renewed them unasked: it shows one until ${new Date(now.until).toISOString()}`;
      await restore();
      if (systemClock.now() < brief.until) return 'they had not run out, and the former ones are back';
      throw new NotMended(
        `${name} let its certificates run out at ${timeOf(brief.until)}; it was given the former ones`,
      );
    };
    return {
      victim: name,
      proof: `it shows certificates until ${timeOf(began.until)} (${brief.names.join(', ')})`,
      end,
    };
  } catch (error) {
    await restore();
    throw error;
  }
};

async function restart(context: FaultContext, name: string): Promise<void> {
  const home = homeOf(context);
  const { status, stderr } = await home.troupe(['member', 'restart', name], {
    at: home.homeOf(name),
    group: context.target.groups?.folderOf(name),
  });
  if (status !== 0) throw new Error(`${name} could not be restarted: ${stderr.trim()}`);
}
