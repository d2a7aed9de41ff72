/** The thread that parses long YAML texts, and its messages. */
import { parentPort } from 'node:worker_threads';
import { JsonSyntaxError, longYaml, parseJson, parseYaml, YamlTextError } from '../api/index.ts';

/** What a text says, as JSON, which the event loop reads far faster; or what is wrong with it. */
export type YamlReport =
  /** The thread has started. */
  | { readonly type: 'ready' }
  | { readonly type: 'parsed'; readonly json: string; readonly repeatedKeys: string | undefined }
  | { readonly type: 'refused'; readonly problem: string };

function reportOf(text: string): YamlReport {
  try {
    const { value, repeatedKeys } = parseYaml(text, longYaml);
    const json = JSON.stringify(value);
    // Aliases may have made it larger than a body of JSON may be.
    parseJson(json, false);
    return { type: 'parsed', json, repeatedKeys };
  } catch (error) {
    if (error instanceof YamlTextError) return { type: 'refused', problem: error.message };
    if (error instanceof JsonSyntaxError) return { type: 'refused', problem: `yaml: ${error.message}` };
    throw error;
  }
}

parentPort?.on('message', (text: string) => {
  parentPort?.postMessage(reportOf(text));
});
parentPort?.postMessage({ type: 'ready' } satisfies YamlReport);
