/** Deals flows to queues (shuffle sharding). */

/** FNV-1a, twice with different beginnings: 52 bits that a few queues are drawn from. */
export function flowHash(text: string): number {
  let [low, high] = [0x811c9dc5, 0x01000193];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code ^ (low >>> 13), 0x85ebca6b);
  }
  return (high >>> 12) * 0x100000000 + (low >>> 0);
}

/**
 * Deals a flow its hand of queues: `handSize` different ones of `queues`, the same for the same flow. Two flows share
 * their whole hand so seldom that a flow which fills its own queues leaves the others a free one (Amazon's shuffle
 * sharding).
 */
export function dealtHand(hash: number, queues: number, handSize: number): readonly number[] {
  const hand: number[] = [];
  let left = hash;
  for (let i = 0; i < Math.min(handSize, queues); i++) {
    const choices = queues - i;
    let card = left % choices;
    left = Math.floor(left / choices);
    for (const taken of [...hand].sort((a, b) => a - b)) if (card >= taken) card += 1;
    hand.push(card);
  }
  return hand;
}
