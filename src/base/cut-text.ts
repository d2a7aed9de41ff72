/** Cuts texts that clients choose before something of them is kept. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The beginning of a text, in memory of its own: a part that is only taken (`slice`) keeps the whole text alive. */
export function cutText(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : decoder.decode(encoder.encode(text.slice(0, lengthMax)));
}
