import { createServer } from 'node:net';
import test from 'ava';
import { freePort } from '../../platform/index.ts';
import { JoinProblem } from './checks.ts';
import { checkOwnPorts } from './own-ports.ts';

test('an address of another machine, and a port that is taken, are told before the cluster is asked', async (t) => {
  const port = await freePort('127.0.0.1');
  await t.notThrowsAsync(checkOwnPorts('127.0.0.1', [{ setting: 'linkPort', port }]));
  await t.throwsAsync(checkOwnPorts('192.0.2.77', [{ setting: 'linkPort', port }]), {
    instanceOf: JoinProblem,
    message: /192\.0\.2\.77 is not an address of this machine/,
  });
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', () => {
      resolve();
    });
  });
  await t.throwsAsync(checkOwnPorts('127.0.0.1', [{ setting: 'linkPort', port }]), {
    instanceOf: JoinProblem,
    message: /is in use by another program; stop that, or set another linkPort/,
  });
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
});
