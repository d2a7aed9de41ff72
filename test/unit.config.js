/** The bundled unit tests that scripts/unit.ts makes, and the simulation's small ones from source (its whole seeds: test/simulation/ava.config.js). */
export default {
  files: ['build/unit/**/*.test.js', 'test/simulation/**/*.test.ts', '!test/simulation/{simulation,planted,exit-codes}.test.ts'],
  extensions: ['js', 'ts'],
  workerThreads: true,
  concurrency: 2,
  timeout: '60s',
};
