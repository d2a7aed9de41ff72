/** The bundled unit tests that scripts/unit.ts makes, and the simulation's from source. */
export default {
  files: ['build/unit/**/*.test.js', 'test/simulation/**/*.test.ts'],
  extensions: ['js', 'ts'],
  nodeArguments: ['--enable-source-maps'],
  workerThreads: true,
  concurrency: 2,
  timeout: '60s',
};
