/** The bundled unit tests that scripts/unit.ts makes. */
export default {
  files: ['build/unit/*.test.js'],
  extensions: ['js'],
  workerThreads: true,
  concurrency: 2,
  timeout: '60s',
};
