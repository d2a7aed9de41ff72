/** Whole seeds and planted bugs: a step of `npm test`, too long for the fast gate. */
export default {
  files: ['test/simulation/{simulation,planted,planted-others,exit-codes}.test.ts'],
  extensions: ['ts'],
  workerThreads: true,
  concurrency: 2,
  timeout: '240s',
};
