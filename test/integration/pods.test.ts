import { existsSync } from 'node:fs';
import { request } from 'node:https';
import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { Cluster, eventually, run } from './cluster.ts';

/** What containers see and how they live and die; who may do what. On real Docker, through the API. */
const image = 'troupe.local/hello:1';
let cluster: Cluster;

test.before('a cluster of its own', async () => {
  ensureBusyboxImage(image);
  cluster = await Cluster.create('pods');
});
test.after.always('removed with everything that it made', () => {
  if (cluster !== undefined) cluster.destroy();
});

const phase = (pod: string): string => cluster.must('get', 'pod', pod, '-o', 'jsonpath={.status.phase}');

test.serial('a pod sees its volumes, its environment, its limits and its own description', async (t) => {
  cluster.apply(`apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { colour: red, size: "9" }
---
apiVersion: v1
kind: Pod
metadata: { name: seeing, labels: { app: seeing }, annotations: { note: "by hand" } }
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  initContainers:
    - name: prepare
      image: "${image}"
      command: [sh, -c, "echo prepared > /shared/state"]
      volumeMounts: [{ name: shared, mountPath: /shared }]
  containers:
    - name: look
      image: "${image}"
      command: [sh, -c, "sleep 1000"]
      env:
        - { name: NODE, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }
        - { name: COLOUR, valueFrom: { configMapKeyRef: { name: settings, key: colour } } }
        - { name: GREETING, value: "hello $(COLOUR)" }
        - { name: MEMORY, valueFrom: { resourceFieldRef: { resource: limits.memory, divisor: 1Mi } } }
      envFrom: [{ prefix: S_, configMapRef: { name: settings } }]
      resources: { limits: { memory: 32Mi, cpu: 500m } }
      securityContext: { runAsUser: 65534, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true }
      volumeMounts:
        - { name: shared, mountPath: /shared }
        - { name: shared, mountPath: /part, subPath: made/here }
        - { name: config, mountPath: /one, subPath: deep/colour }
        - { name: config, mountPath: /config }
        - { name: self, mountPath: /self }
        - { name: memory, mountPath: /memory }
  volumes:
    - { name: shared, emptyDir: {} }
    - { name: memory, emptyDir: { medium: Memory } }
    - { name: config, configMap: { name: settings, items: [{ key: colour, path: deep/colour }] } }
    - { name: self, downwardAPI: { items: [{ path: labels, fieldRef: { fieldPath: metadata.labels } }] } }
`);
  await eventually('the pod to run', () => phase('seeing') === 'Running');
  const sh = (script: string): string => cluster.must('exec', 'seeing', '--', 'sh', '-c', script).trim();
  t.is(sh('cat /shared/state'), 'prepared');
  t.is(sh('cat /config/deep/colour'), 'red');
  t.is(sh('echo x > /part/file; cat /shared/made/here/file; cat /one'), 'x\nred');
  t.is(sh('cat /self/labels'), 'app="seeing"');
  t.is(sh('echo "$GREETING $S_size $MEMORY"'), 'hello red 9 32');
  t.is(sh('echo $NODE'), cluster.status().nodes[0]?.name ?? '');
  t.is(sh('id -u'), '65534');
  t.is(sh('touch /root-is-closed 2>&1 || echo refused').includes('refused'), true);
  t.is(sh('mount | grep " /memory " | cut -d" " -f5'), 'tmpfs');
  t.is(sh('hostname'), 'seeing');
  cluster.must('patch', 'configmap', 'settings', '-p', '{"data":{"colour":"blue"}}');
  await eventually('the volume to follow the ConfigMap', () => sh('cat /config/deep/colour') === 'blue');
});

test.serial(
  'a pod has its name, its address and no other kind of address, and one process watches over all its containers',
  async (t) => {
    cluster.apply(`apiVersion: v1
kind: Pod
metadata: { name: linked }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - { name: one, image: "${image}", command: [sleep, "1000"] }
    - { name: two, image: "${image}", command: [sleep, "1000"] }
`);
    await eventually('the pod to run', () => phase('linked') === 'Running');
    const sh = (container: string, script: string): string =>
      cluster.must('exec', 'linked', '-c', container, '--', 'sh', '-c', script).trim();
    const address = cluster.must('get', 'pod', 'linked', '-o', 'jsonpath={.status.podIP}');
    for (const container of ['one', 'two']) {
      t.is(sh(container, 'hostname; cat /etc/hostname'), 'linked\nlinked');
      t.true(
        sh(container, 'cat /etc/hosts')
          .split('\n')
          .some((line) => line.startsWith(address) && line.endsWith('linked')),
      );
      t.true(sh(container, 'ip -4 addr show eth0').includes(` ${address}/16 `));
      t.is(sh(container, 'ip -6 addr show eth0'), '');
    }
    t.true(sh('one', 'nslookup kubernetes.default.svc.cluster.local').includes('10.97.0.1'));
    const ids = run('docker', [
      'ps',
      '-q',
      '--no-trunc',
      '--filter',
      'label=troupe.pod.name=linked',
      '--filter',
      `label=troupe.cluster=${cluster.name}`,
    ])
      .stdout.trim()
      .split('\n');
    const parents = ids.map((id) =>
      run('sh', ['-c', `ps -o ppid= -p $(docker inspect -f '{{.State.Pid}}' ${id})`]).stdout.trim(),
    );
    t.is(ids.length, 3);
    t.is(new Set(parents).size, 1);
  },
);

test.serial('a network that was removed as unused comes back, and the pods on it are reached again', async (t) => {
  const fetch = (): boolean =>
    cluster.kubectl('exec', 'linked', '-c', 'one', '--', 'ping', '-c', '1', '-W', '1', '10.245.0.1').status === 0;
  t.true(fetch());
  t.is(run('docker', ['network', 'rm', `troupe-${cluster.name}`]).status, 0);
  await eventually('the pod to have its way out again', fetch);
  t.is(phase('linked'), 'Running');
  t.is(cluster.must('get', 'pod', 'linked', '-o', 'jsonpath={.status.containerStatuses[*].restartCount}'), '0 0');
});

test.serial(
  'a failing liveness probe restarts the container, a failing readiness probe takes it out of the Service',
  async (t) => {
    cluster.apply(`apiVersion: v1
kind: Pod
metadata: { name: probed, labels: { app: probed } }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: c
      image: "${image}"
      command: [sh, -c, "touch /tmp/live /tmp/ready; sleep 1000"]
      livenessProbe:
        exec: { command: [test, -f, /tmp/live] }
        periodSeconds: 1
        timeoutSeconds: 10
        failureThreshold: 1
      readinessProbe:
        exec: { command: [test, -f, /tmp/ready] }
        periodSeconds: 1
        timeoutSeconds: 10
        failureThreshold: 1
---
apiVersion: v1
kind: Service
metadata: { name: probed }
spec: { selector: { app: probed }, ports: [{ port: 80 }] }
`);
    const addresses = (): string =>
      cluster.must('get', 'endpoints', 'probed', '-o', 'jsonpath={.subsets[*].addresses[*].ip}');
    await eventually('an endpoint', () => addresses() !== '');
    cluster.must('exec', 'probed', '--', 'rm', '/tmp/ready');
    await eventually('no endpoint', () => addresses() === '');
    cluster.must('exec', 'probed', '--', 'rm', '/tmp/live');
    const restarts = await eventually('a restart', () => {
      const count = cluster.must('get', 'pod', 'probed', '-o', 'jsonpath={.status.containerStatuses[0].restartCount}');
      return count === '0' ? undefined : count;
    });
    t.is(restarts, '1');
    await eventually('an endpoint again', () => addresses() !== '');
    await eventually('the Event', () =>
      /Unhealthy.*Liveness probe failed/.test(cluster.must('describe', 'pod', 'probed')),
    );
  },
);

test.serial('a crashing container backs off, and its last words are kept', async (t) => {
  cluster.must('run', 'crasher', `--image=${image}`, '--', 'sh', '-c', 'echo last words; exit 3');
  await eventually(
    'CrashLoopBackOff',
    () =>
      cluster.must('get', 'pod', 'crasher', '-o', 'jsonpath={.status.containerStatuses[0].state.waiting.reason}') ===
      'CrashLoopBackOff',
  );
  t.is(
    cluster.must(
      'get',
      'pod',
      'crasher',
      '-o',
      'jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode}',
    ),
    '3',
  );
  t.is(cluster.must('logs', 'crasher', '--previous'), 'last words\n');
  cluster.must('delete', 'pod', 'crasher', '--timeout=120s');
});

test.serial('termination is graceful: preStop, SIGTERM, then the end', async (t) => {
  cluster.apply(`apiVersion: v1
kind: Pod
metadata: { name: polite }
spec:
  terminationGracePeriodSeconds: 60
  containers:
    - name: c
      image: "${image}"
      command: [sh, -c, "trap 'echo asked to stop; exit 0' TERM; echo ready; while :; do sleep 0.1; done"]
      lifecycle: { preStop: { exec: { command: [sh, -c, "echo before stop > /proc/1/fd/1"] } } }
`);
  await eventually('the pod to run', () => cluster.kubectl('logs', 'polite').stdout === 'ready\n');
  const follow = cluster.background('logs', '-f', 'polite');
  let output = '';
  follow.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await eventually('the follower', () => output !== '');
  const from = performance.now();
  cluster.must('delete', 'pod', 'polite', '--timeout=120s');
  t.true(performance.now() - from < 30_000, 'it ends when it has stopped, not when the grace period has');
  await eventually('its last words', () => output === 'ready\nbefore stop\nasked to stop\n');
});

test.serial('a StatefulSet starts in order, with stable names that resolve', async (t) => {
  cluster.apply(`apiVersion: v1
kind: Service
metadata: { name: db }
spec: { clusterIP: None, selector: { app: db }, ports: [{ port: 5432 }] }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  serviceName: db
  replicas: 2
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: c, image: "${image}", command: [sleep, "1000"] }] }
`);
  cluster.must('rollout', 'status', 'statefulset/db', '--timeout=120s');
  const address = cluster.must('get', 'pod', 'db-1', '-o', 'jsonpath={.status.podIP}');
  const resolved = await eventually('the name of the second pod', () =>
    cluster.must('exec', 'db-0', '--', 'nslookup', 'db-1.db.default.svc.cluster.local'),
  );
  t.true(resolved.includes(address), resolved);
});

test.serial(
  'a claim without a class gets a volume on the disk of the node where it is used; data outlives the pod, ' +
    'and goes with the claim',
  async (t) => {
    cluster.apply(`apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: notes }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 10Mi } } }
`);
    const useIt = (name: string, script: string): string => {
      cluster.apply(`apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  securityContext: { runAsUser: 1000, runAsGroup: 1000 }
  containers:
    - name: c
      image: "${image}"
      command: [sh, -c, "${script}"]
      volumeMounts: [{ name: notes, mountPath: /notes }]
  volumes: [{ name: notes, persistentVolumeClaim: { claimName: notes } }]
`);
      cluster.must('wait', `pod/${name}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=120s');
      const said = cluster.must('logs', name);
      cluster.must('delete', 'pod', name);
      return said;
    };
    useIt('writer', 'echo kept > /notes/one');
    const [node, path] = cluster
      .must('get', 'pv', '-o', 'jsonpath={.items[0].metadata.labels.troupe\\.io/node} {.items[0].spec.local.path}')
      .split(' ');
    t.is(useIt('reader', 'cat /notes/one'), 'kept\n');
    t.true(existsSync(path ?? ''), `${path} on ${node}`);
    cluster.must('delete', 'pvc', 'notes', '--timeout=120s');
    await eventually('the volume to go', () => cluster.must('get', 'pv', '-o', 'name') === '');
    t.false(existsSync(path ?? ''), 'its data went before it');
  },
);

interface Answer {
  readonly status: number;
  readonly body: string;
}

function call(
  path: string,
  options: { readonly token: string; readonly method?: string; readonly body?: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${cluster.url}${path}`,
      {
        method: options.method ?? 'GET',
        ca: cluster.ca,
        headers: { authorization: `Bearer ${options.token}`, 'content-type': 'application/json' },
      },
      (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

test.serial('a NetworkPolicy lets in whom it names, by address and through the Service, and nobody else', async (t) => {
  const web = (name: string, labels: string): string => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { ${labels} } }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: c
      image: "${image}"
      command: [sh, -c, "mkdir /w; echo ${name} > /w/name; httpd -f -p 8080 -h /w"]
      ports: [{ name: http, containerPort: 8080 }]
---
`;
  const pods = [web('guarded', 'app: guarded'), web('friend', 'role: friend'), web('stranger', 'role: stranger')];
  cluster.apply(`${pods.join('')}apiVersion: v1
kind: Service
metadata: { name: guarded }
spec: { selector: { app: guarded }, ports: [{ port: 80, targetPort: http }] }
`);
  cluster.must('wait', '--for=condition=Ready', 'pod/guarded', 'pod/friend', 'pod/stranger', '--timeout=120s');
  const address = cluster.must('get', 'pod', 'guarded', '-o', 'jsonpath={.status.podIP}');
  const reaches = (pod: string, host = address): boolean =>
    cluster.kubectl('exec', pod, '--', 'wget', '-q', '-T', '1', '-O', '-', `http://${host}/name`).stdout.trim() ===
    'guarded';
  const direct = `${address}:8080`;
  await eventually('everybody to reach it', () => reaches('stranger', direct) && reaches('friend', 'guarded'));
  cluster.apply(`apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: guarded }
spec:
  podSelector: { matchLabels: { app: guarded } }
  ingress: [{ from: [{ podSelector: { matchLabels: { role: friend } } }], ports: [{ port: http }] }]
`);
  await eventually('the stranger to be kept out', () => !reaches('stranger', direct));
  t.false(reaches('stranger', 'guarded'));
  await eventually('friends to reach it', () => reaches('friend', direct) && reaches('friend', 'guarded'));
  t.is(
    run('curl', ['-sS', '-m', '20', `http://${direct}/name`]).stdout.trim(),
    'guarded',
    'the node itself reaches its pods',
  );
  cluster.must('label', 'pod', 'stranger', '--overwrite', 'role=friend');
  await eventually('a pod that becomes a friend to be let in', () => reaches('stranger', direct));
  cluster.apply(`apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: quiet }
spec: { podSelector: { matchLabels: { role: friend } }, policyTypes: [Egress] }
`);
  await eventually('friends to send nothing any more', () => !reaches('friend', direct));
  cluster.must('delete', 'networkpolicy', 'guarded', 'quiet');
  await eventually('everything to be open again', () => reaches('friend', direct) && reaches('stranger', 'guarded'));
});

test.serial('a ServiceAccount may do what RBAC grants it and nothing else, from inside of a pod too', async (t) => {
  cluster.must('create', 'serviceaccount', 'reader');
  cluster.must('create', 'role', 'read-pods', '--verb=get,list', '--resource=pods');
  cluster.must('create', 'rolebinding', 'read-pods', '--role=read-pods', '--serviceaccount=default:reader');
  const token = cluster.must('create', 'token', 'reader').trim();
  t.is((await call('/api/v1/namespaces/default/pods', { token })).status, 200);
  const denied = await call('/api/v1/namespaces/default/secrets', { token });
  t.is(denied.status, 403);
  t.regex(
    denied.body,
    new RegExp(
      'secrets is forbidden: User \\\\"system:serviceaccount:default:reader\\\\" ' +
        'cannot list resource \\\\"secrets\\\\" in API group \\\\"\\\\" in the namespace \\\\"default\\\\"',
    ),
  );
  t.is(
    cluster.kubectl('auth', 'can-i', 'delete', 'pods', '--as=system:serviceaccount:default:reader').stdout.trim(),
    'no',
  );
  cluster.must(
    'run',
    'inside',
    `--image=${image}`,
    '--overrides={"spec":{"serviceAccountName":"reader","terminationGracePeriodSeconds":0}}',
    '--command',
    '--',
    'sleep',
    '1000',
  );
  await eventually('the pod to run', () => phase('inside') === 'Running');
  const script =
    'wget -q --no-check-certificate -O - --header "Authorization: Bearer $(cat ' +
    '/var/run/secrets/kubernetes.io/serviceaccount/token)" ' +
    'https://kubernetes.default/api/v1/namespaces/default/pods/inside';
  t.regex(cluster.must('exec', 'inside', '--', 'sh', '-c', script), /"name":"inside"/);
});

test.serial("bad tokens, bodies that are too large and bodies that are none get upstream's status", async (t) => {
  t.is((await call('/api/v1/pods', { token: 'made-up' })).status, 401);
  const { token } = cluster;
  const large = await call('/api/v1/namespaces/default/configmaps', {
    token,
    method: 'POST',
    body: JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'large' },
      data: { a: 'x'.repeat(4_000_000) },
    }),
  });
  t.is(large.status, 413);
  const broken = await call('/api/v1/namespaces/default/configmaps', {
    token,
    method: 'POST',
    body: '{"apiVersion": ',
  });
  t.is(broken.status, 400);
  t.regex(broken.body, /BadRequest/);
  const missing = await call('/api/v1/namespaces/nowhere/configmaps', {
    token,
    method: 'POST',
    body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }),
  });
  t.is(missing.status, 404);
  t.regex(missing.body, /namespaces \\"nowhere\\" not found/);
});
