/**
 * Runs when this turn's messages have left: the first turn of the queue hands them to the bus, the second one to the
 * socket.
 */
export function afterMessages(run: () => void): void {
  queueMicrotask(() => {
    queueMicrotask(run);
  });
}
