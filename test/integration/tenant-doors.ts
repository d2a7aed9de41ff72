/**
 * What opens to a pod in the network that this runs in, as JSON: `node tenant-doors.ts '{"hosts": [...], "member": ...,
 * "ca": ..., "token": ..., "user": ...}'`.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { connectNats, inboxPrefixOf } from '../../src/bus/index.ts';

interface Asked {
  /** Whose ports are looked at. */
  readonly hosts: readonly string[];
  /** A machine with a member. */
  readonly member: string;
  /** The file of the cluster's authority. */
  readonly ca: string;
  /** A token of a pod, and whose it is. */
  readonly token: string;
  readonly user: string;
}
const { hosts, member, ca, token, user } = JSON.parse(process.argv[2] ?? '{}') as Asked;

/** Ports that accept a connection. */
async function openPorts(host: string): Promise<readonly number[]> {
  const open: number[] = [];
  let next = 1;
  const worker = async (): Promise<void> => {
    for (let port = next++; port <= 65_535; port = next++) if (await accepts(host, port)) open.push(port);
  };
  await Promise.all(Array.from({ length: 200 }, worker));
  return open.sort((one, other) => one - other);
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ host, port });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(3_000, () => {
      end(false);
    });
    socket.once('connect', () => {
      // A connection from a port to itself is nobody else's.
      end(socket.localPort !== port);
    });
    socket.once('error', () => {
      end(false);
    });
  });
}

/** What is said to a client without a certificate on a port between members; '' when it is shown out. */
function saidTo(port: number): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connectTls({ host: member, port, rejectUnauthorized: false });
    socket.setTimeout(5_000, () => {
      socket.destroy();
      resolve(`silent, ${said}`);
    });
    socket.on('data', (data: Buffer) => {
      said += data.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(said);
    });
    socket.write('CONNECT {"verbose":true}\r\nPING\r\n');
  });
}

async function nats(more: object): Promise<string> {
  try {
    const bus = await connectNats({
      servers: [`nats://${member}:4222`],
      pinned: true,
      name: 'pod',
      caFile: ca,
      ...more,
    });
    await bus.close();
    return 'let in';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

const ports: Record<string, readonly number[]> = {};
for (const host of hosts) ports[host] = await openPorts(host);
process.stdout.write(
  JSON.stringify({
    ports,
    route: await saidTo(6222),
    link: await saidTo(6223),
    natsWithoutToken: await nats({}),
    natsAsMember: await nats({ user: { name: 'member', password: () => token } }),
    natsAsPod: await nats({ token: () => token, inboxPrefix: inboxPrefixOf(user) }),
  }),
);
