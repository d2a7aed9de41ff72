/** One file at a time: each starts a cluster of its own, and the machine may have two cores. */
export default {
  files: ['test/integration/**/*.test.ts', 'src/node-agent/runtime/runtime-suite.test.ts'],
  extensions: ['ts'],
  concurrency: 1,
  serial: true,
  workerThreads: false,
  failFast: false,
  timeout: '240s',
};
