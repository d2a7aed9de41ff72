import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import test from 'ava';
import { WebSocket, WebSocketServer } from 'ws';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { makeAuthority, makeLeaf, type Pair } from '../../src/main/keys/certificate-authority.ts';
import { Cluster, eventually, freePort, signalProcess } from './cluster.ts';

/** Ingresses on a real cluster: what is served, and that nothing fails while pods come and go. */
const image = 'troupe.local/hello:1';
let cluster: Cluster;
let http = 0;
let https = 0;

test.before('a cluster whose node serves ingresses', async () => {
  ensureBusyboxImage(image);
  http = await freePort();
  https = await freePort();
  cluster = await Cluster.create('ingress', [], ['ingress:', `  httpPort: ${http}`, `  httpsPort: ${https}`]);
  await eventually('the class to be made', () => cluster.kubectl('get', 'ingressclass', 'troupe').status === 0);
});
test.after.always('removed with everything that it made', () => {
  if (cluster !== undefined) cluster.destroy();
});

/** A Deployment whose pods say `text`, and its Service. */
const web = (name: string, text: string, replicas = 1): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: ${replicas}
  strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: "${image}"
          command:
            - sh
            - -c
            - mkdir -p /tmp/www/shop; echo ${text} | tee /tmp/www/index.html > /tmp/www/shop/index.html;
              exec httpd -f -p 8080 -h /tmp/www
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /, port: http }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, targetPort: http }] }
`;

interface Answer {
  readonly status: number;
  readonly text: string;
}

function get(host: string, path = '/', agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port: http, path, headers: { host }, agent: agent ?? false },
      (answer: IncomingMessage) => {
        let text = '';
        answer
          .setEncoding('utf8')
          .on('data', (piece: string) => {
            text += piece;
          })
          .on('error', reject)
          .on('end', () => {
            resolve({ status: answer.statusCode ?? 0, text: text.trim() });
          });
      },
    );
    call.on('error', reject).end();
  });
}

/** Resolves when the host answers with the text. */
const says = (host: string, text: string, path = '/'): Promise<boolean> =>
  eventually(`${host}${path} to say ${text}`, async () => (await get(host, path)).text === text);
const addressOf = (name: string): string =>
  cluster.must('get', 'ingress', name, '-o', 'jsonpath={.status.loadBalancer.ingress[*].ip}');
const eventsOf = (name: string): string =>
  cluster.must(
    'get',
    'events',
    '--field-selector',
    `involvedObject.name=${name},involvedObject.kind=Ingress`,
    '-o',
    'jsonpath={.items[*].reason}',
  );

test.serial('two Services are reached by host and path, and the Ingress says where', async (t) => {
  cluster.apply(`${web('front', 'front')}---\n${web('shop', 'shop')}`);
  cluster.must(
    'create',
    'ingress',
    'site',
    '--rule=site.example.com/*=front:80',
    '--rule=site.example.com/shop*=shop:http',
    '--rule=*.wild.example.com/*=shop:80',
  );
  await says('site.example.com', 'front');
  await says('site.example.com', 'shop', '/shop/');
  await says('any.wild.example.com', 'shop');
  t.is((await get('two.any.wild.example.com')).status, 404);
  t.is((await get('other.example.com')).status, 404);
  t.is(cluster.must('get', 'ingress', 'site', '-o', 'jsonpath={.spec.ingressClassName}'), 'troupe');
  const node = cluster.must(
    'get',
    'nodes',
    '-o',
    'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}',
  );
  await eventually('the address to be shown', () => addressOf('site') === node);
});

test.serial('the example is served', async (t) => {
  cluster.must('apply', '-f', 'examples/hello', '-f', 'examples/ingress');
  await says('hello.example.com', 'Hello from Troupe');
  t.pass();
});

/** The names of the certificate that a client is shown who asks for a host. */
function shownNames(servername: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: https, servername, rejectUnauthorized: false }, () => {
      const { subject, subjectaltname } = socket.getPeerCertificate();
      resolve(subjectaltname ?? String(subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test.serial('TLS shows each host its certificate, and a renewed one without a restart', async (t) => {
  const validity = { now: Date.now(), days: 1 };
  const authority = await makeAuthority('test', validity);
  const secret = (name: string, { certificate, key }: Pair): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/tls',
      metadata: { name },
      stringData: { 'tls.crt': certificate, 'tls.key': key },
    });
  const leaf = (host: string): Promise<Pair> =>
    makeLeaf(authority, { ...validity, subject: `CN=${host}`, usage: 'server', hosts: [host] });
  cluster.apply(secret('one', await leaf('one.example.com')));
  cluster.apply(secret('wild', await leaf('*.wild.example.com')));
  cluster.must(
    'create',
    'ingress',
    'secure',
    '--rule=one.example.com/*=front:80,tls=one',
    '--rule=*.wild.example.com/deep*=front:80,tls=wild',
  );
  await eventually(
    'the certificate of its own',
    async () => (await shownNames('one.example.com')) === 'DNS:one.example.com',
  );
  await eventually(
    'that of the wildcard',
    async () => (await shownNames('any.wild.example.com')) === 'DNS:*.wild.example.com',
  );
  t.is(await shownNames('unknown.example.com'), 'Troupe default certificate');
  cluster.apply(secret('one', await leaf('renewed.example.com')));
  await eventually(
    'the renewed certificate',
    async () => (await shownNames('one.example.com')) === 'DNS:renewed.example.com',
  );
});

/** kubectl, while this process goes on. */
function meanwhile(args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = cluster.background(...args);
    let said = '';
    child.stdout?.on('data', (piece: Buffer) => {
      said += piece.toString();
    });
    child.stderr?.on('data', (piece: Buffer) => {
      said += piece.toString();
    });
    child.on('close', (status) => {
      if (status === 0) resolve(said);
      else reject(new Error(said));
    });
    child.stdin?.end(input);
  });
}

/**
 * Asks over and over with some connections until told to stop, 500 times at least; gives the answers that were not as
 * they should be.
 */
function load(
  host: string,
  wanted: RegExp,
  clients: number,
): { stop(): Promise<{ readonly asked: number; readonly wrong: readonly string[] }> } {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const wrong: string[] = [];
  let asked = 0;
  let stopped = false;
  const client = async (): Promise<void> => {
    while (!stopped) {
      asked += 1;
      try {
        const { status, text } = await get(host, '/', agent);
        if (status !== 200 || !wanted.test(text)) wrong.push(`${status} ${text}`);
      } catch (error) {
        wrong.push(String(error));
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 2);
      });
    }
  };
  const running = Array.from({ length: clients }, client);
  return {
    stop: async () => {
      await eventually('enough requests', () => asked > 500);
      stopped = true;
      await Promise.all(running);
      agent.destroy();
      return { asked, wrong };
    },
  };
}

const podsOf = async (app: string): Promise<readonly string[]> =>
  (await meanwhile(['get', 'pods', '-l', `app=${app}`, '-o', 'name'])).trim().split('\n');

test.serial('no request fails while a Deployment is updated, nor while its pods are killed', async (t) => {
  cluster.apply(web('rolled', 'v1', 3));
  cluster.must('create', 'ingress', 'rolled', '--rule=rolled.example.com/*=rolled:80');
  cluster.must('rollout', 'status', 'deployment/rolled', '--timeout=120s');
  await says('rolled.example.com', 'v1');
  const updating = load('rolled.example.com', /^v[12]$/, 8);
  await meanwhile(['apply', '-f', '-'], web('rolled', 'v2', 3));
  await meanwhile(['rollout', 'status', 'deployment/rolled', '--timeout=120s']);
  await eventually('the old pods to go', async () => (await podsOf('rolled')).length === 3);
  const updated = await updating.stop();
  t.log(`${updated.asked} requests while three pods were exchanged`);
  t.deepEqual(updated.wrong, []);
  await says('rolled.example.com', 'v2');
  const killing = load('rolled.example.com', /^v2$/, 8);
  for (const name of (await podsOf('rolled')).slice(0, 2)) {
    await meanwhile(['delete', name, '--grace-period=0', '--force']);
    await meanwhile(['rollout', 'status', 'deployment/rolled', '--timeout=120s']);
  }
  const killed = await killing.stop();
  t.log(`${killed.asked} requests while two pods were killed`);
  t.deepEqual(killed.wrong, []);
});

test.serial('a WebSocket goes through to an endpoint that no pod stands behind', async (t) => {
  const server = createServer((_request, response) => {
    response.end('no socket');
  });
  new WebSocketServer({ server }).on('connection', (socket, { headers }) => {
    socket.on('message', (data: Buffer) => {
      socket.send(`${data.toString('utf8')} from ${headers.host} over ${String(headers['x-forwarded-proto'])}`);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, resolve);
  });
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const node = cluster.must(
    'get',
    'nodes',
    '-o',
    'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}',
  );
  cluster.apply(`apiVersion: v1
kind: Service
metadata: { name: chat }
spec: { ports: [{ name: ws, port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: chat-1, labels: { kubernetes.io/service-name: chat } }
addressType: IPv4
ports: [{ name: ws, port: ${(server.address() as AddressInfo).port} }]
endpoints: [{ addresses: ["${node}"] }]
`);
  cluster.must('create', 'ingress', 'chat', '--rule=chat.example.com/*=chat:ws');
  await eventually('the route', async () => (await get('chat.example.com')).status === 200);
  for (const [scheme, port] of [
    ['ws', http],
    ['wss', https],
  ] as const) {
    const socket = new WebSocket(`${scheme}://127.0.0.1:${port}/room`, {
      headers: { host: 'chat.example.com' },
      rejectUnauthorized: false,
    });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.send('hello');
    const text = await new Promise<string>((resolve) => {
      socket.once('message', (data: Buffer) => {
        resolve(data.toString('utf8'));
      });
    });
    t.is(text, `hello from chat.example.com over ${scheme === 'ws' ? 'http' : 'https'}`);
    socket.terminate();
  }
});

test.serial('an Ingress that names what does not exist says so, is served 503, and disturbs no other', async (t) => {
  cluster.must('create', 'ingress', 'broken', '--rule=broken.example.com/*=nobody:80,tls=nothing');
  await eventually('503', async () => (await get('broken.example.com')).status === 503);
  await eventually(
    'the events',
    () => /ServiceNotFound/.test(eventsOf('broken')) && /SecretNotFound/.test(eventsOf('broken')),
  );
  t.is((await get('site.example.com')).text, 'front');
  cluster.apply(web('nobody', 'somebody'));
  await says('broken.example.com', 'somebody');
});

test.serial('an Ingress that is given another class is no longer served, and its address is taken back', async (t) => {
  cluster.must('patch', 'ingress', 'site', '-p', '{"spec":{"ingressClassName":"other"}}');
  await eventually('404', async () => (await get('site.example.com')).status === 404);
  await eventually('no address', () => addressOf('site') === '');
  cluster.must('patch', 'ingress', 'site', '-p', '{"spec":{"ingressClassName":"troupe"}}');
  await says('site.example.com', 'front');
  t.pass();
});

test.serial('what went through is counted', async (t) => {
  const metrics = await eventually('the counts', () => {
    const text = cluster.must('get', '--raw', '/metrics');
    return text.includes('troupe_ingress_requests_total{') ? text : undefined;
  });
  t.regex(metrics, /troupe_ingress_requests_total\{code="200",namespace="default",service="front"\} \d+/);
  t.regex(metrics, /troupe_ingress_request_duration_seconds_count\{namespace="default",service="front"\} \d+/);
});

test.serial('a killed process serves again, with the routes and certificates of before', async (t) => {
  const [member] = cluster.status().members;
  signalProcess(member?.pid);
  await eventually('another process', () => {
    const pid = cluster.status().members[0]?.pid ?? undefined;
    return pid !== undefined && pid !== member?.pid;
  });
  await says('site.example.com', 'front');
  await eventually('the certificate', async () => (await shownNames('one.example.com')) === 'DNS:renewed.example.com');
  t.pass();
});
