/** The bundled unit tests that scripts/unit.ts makes. */
export default {
  files: ['build/unit/**/*.test.js'],
  nodeArguments: ['--enable-source-maps'],
  workerThreads: true,
  concurrency: 2,
  timeout: '60s',
};
