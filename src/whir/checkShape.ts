import type { Claim } from "./claim.ts";
import type { WhirShape } from "./shape.ts";

/**
 * Throws a RangeError unless the shape is consistent and the claims fit it. All of this is the
 * verifier's own data, so a failure is a programming error, never a rejected proof.
 *
 * @example
 * ```ts
 * checkShape(shape, oracles.length, claims);
 * ```
 */
export function checkShape(shape: WhirShape, oracles: number, claims: readonly Claim<unknown>[]): void {
  const expect = (holds: boolean, expected: string, found: unknown) => {
    if (!holds) throw new RangeError(`whir shape: expected ${expected}, found ${found}`);
  };
  expect(oracles === shape.oracles.length, `${shape.oracles.length} oracles`, oracles);
  expect(shape.rounds.length > 0, "at least one round", shape.rounds.length);
  const stack = 2 ** (shape.rounds[0]?.logSize ?? 0);
  const taken: [start: number, end: number][] = [];
  shape.oracles.forEach(({ name, logSize, logFold, columns }, j) => {
    expect(
      columns > 0 && columns <= Math.min(2 ** logFold, 256),
      `${name}: 1 to ${2 ** logFold} columns`,
      columns,
    );
    const size = 2 ** (logSize - logFold);
    const start = shape.residueOffsets[j] as number;
    expect(start % size === 0 && start + size <= stack, `${name}: an aligned residue within ${stack}`, start);
    for (const [from, to] of taken)
      expect(start >= to || start + size <= from, `${name}: a free place`, start);
    taken.push([start, start + size]);
  });
  shape.rounds.forEach(({ logSize, logFold, columns }, i) => {
    const most = Math.min(2 ** logFold, 51); // rows of at most 256 words
    expect(columns > 0 && columns <= most, `round ${i}: 1 to ${most} columns`, columns);
    const stored = columns * 2 ** (logSize - logFold);
    for (const [, end] of i === 0 ? taken : [])
      expect(end <= stored, `residues within the ${stored} elements stored`, end);
    const left = shape.rounds[i + 1]?.logSize ?? shape.logFinal;
    expect(logSize - logFold === left, `round ${i} to leave ${left} variables`, logSize - logFold);
  });
  for (const { oracle, blocks, point } of claims) {
    const size = 2 ** (shape.oracles[oracle]?.logSize ?? -1);
    const block = 2 ** point.length;
    for (const { offset } of blocks)
      expect(
        offset % block === 0 && offset + block <= size,
        `a claim on aligned blocks of oracle ${oracle}`,
        `${block} cells at ${offset}`,
      );
  }
}
