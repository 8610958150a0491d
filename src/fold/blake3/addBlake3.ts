import type { AirBuilder, TermText } from "../../air/air.ts";
import { cellMap, LOG_CELLS } from "./cellMap.ts";
import { keyConstants, LOG_PARAMETERS, parameterMap } from "./constants.ts";
import { CELL_TENSORS, KEY_A, KEY_C } from "./keyMaps.ts";
import { EXTENDED, LIMBS, LOG_EXTENDED, LOG_WORDS, type WordPlaces, WORDS, wordMap } from "./wordMap.ts";
import { ADD_XOR, ADD_XOR_SPLIT, addXorTables, LOG_XOR } from "./xorTables.ts";

export interface Blake3Options {
  /** Oracle of the cells and of the tables' multiplicities. */
  readonly trace?: string;
  /** Oracle of the parameters: the verifying key's, as they are part of the circuit. */
  readonly fixed?: string;
  /** Bits of the limbs in which words are shown: bytes or halves. */
  readonly limbBits?: 8 | 16;
}

/** Axes of 2^log compressions; those of several blocks may be merged, they share all but `<prefix>.n`. */
export function blake3Axes(prefix: string, log: number): Record<string, number> {
  return {
    [`${prefix}.n`]: log,
    "blake3.cell": LOG_CELLS,
    "blake3.parameter": LOG_PARAMETERS,
    "blake3.word": LOG_WORDS,
    "blake3.extended": LOG_EXTENDED,
    "blake3.row": LOG_XOR,
  };
}

/**
 * A block of BLAKE3 compressions, n of them, exactly as the BLAKE3 paper has them. All are alike; unused
 * ones hash zeros. Several blocks share the tables.
 *
 * A compression is 16 steps of 4 quarters of 2 halves: 14 half-rounds of 4 G, whose first half adds the
 * first message word and ends in `>>> 12`, whose second half adds the other and ends in `>>> 7`; step 14
 * finalizes; step 15 holds the message. Committed, over (n, cell), cell = (step, quarter, half, byte):
 *
 * | tensor | rounds | step 14, first and second half | step 15 |
 * | --- | --- | --- | --- |
 * | sumA | a after its addition | v_(4+q), cv_(4+q) | message words 0–7, in the order of cells |
 * | xorD | a ^ d, not yet rotated | output words 4+q, 12+q | (the message again) |
 * | sumC | c after its addition | v_q, cv_q | message words 8–15 |
 * | low, high | b ^ c, not yet rotated, split at bit 4 or 7 of each byte | output words q, 8+q | (the message again) |
 *
 * Two lookups for each cell say everything: (key, sumA, xorD) in `blake3.addXor`, (key, sumC, low, high) in
 * `blake3.addXorSplit`. A key is the unreduced byte of a sum with the carry that arrives there, plus the
 * byte of the other operand of the xor, moved above it. Keys are linear in the cells (`keyMaps`): the
 * carry into byte j is (unreduced byte − reduced byte)/256 of byte j − 1.
 *
 * Why the output is determined by the input, in the integers, whatever the prover does:
 * 1. A table's row bounds its values alone: sumA, xorD, sumC are bytes, so chaining value and message are,
 *    at their places in sumA and sumC. The parameters are bytes by the verifying key.
 * 2. In the order of the steps, of G's four lines, and of the bytes: if all earlier cells hold the bytes
 *    that BLAKE3 has there, the key is an integer: unreduced bytes are at most 3·255 + 2 < 2^10 (a + b +
 *    message, carry ≤ 2) or 2·255 + 1 < 2^9 (c + d, carry ≤ 1), the carry is exact because (s − s mod
 *    256)/256 is a division without remainder, and the operand is a byte (b: 4 + 4 or 7 + 1 bits). So
 *    key < 2^18 < p is the index of one row, both parts can be read from it, and its values are BLAKE3's.
 * 3. Step 14's keys are made of such bytes, so its results are BLAKE3's output.
 *
 * Shown to others, over (n, word) each, as the limbs byte0 … byte3 (or half0, half1 of 16 bits):
 * - `<prefix>.words.<limb>`: slots 0–7 chaining value, 8–23 message, 24–31 output words 0–7;
 * - `<prefix>.extended.<limb>`: output words 8–15.
 *
 * `<prefix>.parameters` over (n, parameter), in the fixed oracle: counter byte 0 and 1, block length, flags.
 */
export function addBlake3(air: AirBuilder, prefix: string, options: Blake3Options = {}): void {
  const { trace = "trace", fixed = "fixed", limbBits = 8 } = options;
  addXorTables(air, trace);
  const n = `${prefix}.n`;
  const over = `${n} blake3.cell`;
  for (const name of CELL_TENSORS) air.committed(trace, `${prefix}.${name}`, over);
  air.committed(fixed, `${prefix}.parameters`, `${n} blake3.parameter`);

  if (!air.tensors.has("blake3.constants")) {
    air.public("blake3.constants", "blake3.cell", keyConstants);
    air.public("blake3.parameterMap", "blake3.cell blake3.parameter", parameterMap);
    for (const name of CELL_TENSORS) {
      air.public(`blake3.keyA.${name}`, "blake3.cell blake3.cell", cellMap(KEY_A[name]));
      air.public(`blake3.keyC.${name}`, "blake3.cell blake3.cell", cellMap(KEY_C[name]));
    }
  }
  const mapped = (key: string) =>
    CELL_TENSORS.map(
      (name): TermText => [
        1,
        `blake3.${key}.${name} blake3.cell blake3.cell'`,
        `${prefix}.${name} ${n} blake3.cell'`,
      ],
    );
  const parameters = [
    "blake3.parameterMap blake3.cell blake3.parameter",
    `${prefix}.parameters ${n} blake3.parameter`,
  ];
  air.virtual(`${prefix}.keyA`, over, [...mapped("keyA"), [1, ...parameters]]);
  air.virtual(`${prefix}.keyC`, over, [...mapped("keyC"), [1, "blake3.constants blake3.cell"]]);
  const entries = (...names: string[]) => names.map((name) => `${prefix}.${name}`);
  air.lookup(`${prefix}.addXor`, ADD_XOR, entries("keyA", "sumA", "xorD"));
  air.lookup(`${prefix}.addXorSplit`, ADD_XOR_SPLIT, entries("keyC", "sumC", "low", "high"));

  addWords(air, prefix, "words", "blake3.word", WORDS, limbBits);
  addWords(air, prefix, "extended", "blake3.extended", EXTENDED, limbBits);
}

function addWords(
  air: AirBuilder,
  prefix: string,
  name: string,
  axis: string,
  places: WordPlaces,
  limbBits: 8 | 16,
): void {
  for (const [limb, weights] of Object.entries(LIMBS[limbBits])) {
    const tensors = CELL_TENSORS.filter((tensor) => places.pairs[tensor].length > 0);
    for (const tensor of tensors) {
      const map = `blake3.${name}.${limb}.${tensor}`;
      if (!air.tensors.has(map)) air.public(map, `${axis} blake3.cell`, wordMap(places, tensor, weights));
    }
    air.virtual(
      `${prefix}.${name}.${limb}`,
      `${prefix}.n ${axis}`,
      tensors.map((tensor) => [
        1,
        `blake3.${name}.${limb}.${tensor} ${axis} blake3.cell`,
        `${prefix}.${tensor} ${prefix}.n blake3.cell`,
      ]),
    );
  }
}
