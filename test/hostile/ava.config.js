/** Requests by the hundred that mean harm: a step of `npm test`, too long for the fast gate. */
export default {
  files: ['test/hostile/*.test.ts'],
  extensions: ['ts'],
  workerThreads: true,
  concurrency: 1,
  timeout: '240s',
};
