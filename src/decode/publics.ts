import type { PublicDefinition } from "../air/air.ts";
import { lessThan } from "../air/publics.ts";
import type { Arithmetic } from "../hash/channel.ts";
import { DRAW_LIMBS } from "../model/sampler.ts";
import { eqFactor, eqTable } from "../poly/eq.ts";
import { evaluate } from "../poly/evaluate.ts";

/*
 * The public tensors that depend on the statement. Inputs (see `publicInputs`), bits most significant
 * first: block (logBlocks); live, generated (T); token, choice (T·logVocab). In a sampled session also
 * draw: every row's limbs, lowest first (T·DRAW_LIMBS).
 */

/** [b = block] over b. */
export const isBlock: PublicDefinition = {
  evaluate: (field, inputs, point) => equalsBits(field, inputs.block, point),
  values: ({ block }) => oneHot(bitsToNumber(block), block.length),
};

/** [v = token(t)]·live(t) over (t, v). */
export function tokenSelector(logSegment: number): PublicDefinition {
  return rowSelector(logSegment, "token", "live", equalsBits, (v, token) => v === token);
}

/** [v = choice(t)]·generated(t): where the chosen logit stands. */
export function choiceSelector(logSegment: number): PublicDefinition {
  return rowSelector(logSegment, "choice", "generated", equalsBits, (v, choice) => v === choice);
}

/** [v < choice(t)]·generated(t): below the chosen index a logit must be strictly smaller. */
export function belowChoice(logSegment: number): PublicDefinition {
  return rowSelector(logSegment, "choice", "generated", lessThan, (v, choice) => v < choice);
}

/** [t is live] over t. */
export const live: PublicDefinition = {
  evaluate: (field, inputs, point) => evaluate(field, inputs.live, point),
  values: ({ live }) => live,
};

/** 1 where (b, j) is the position of the live row t, over (t, b, j). */
export function ownPosition(logSegment: number, logBlocks: number): PublicDefinition {
  const rows = 2 ** logSegment;
  return {
    evaluate: (field, inputs, point) => {
      const rowWeights = eqTable(field, point.slice(0, logSegment));
      const placeWeights = eqTable(field, point.slice(logSegment + logBlocks));
      const own = rowWeights
        .map((weight, t) => field.mul(inputs.live[t], field.mul(weight, placeWeights[t])))
        .reduce((sum, term) => field.add(sum, term));
      const b = point.slice(logSegment, logSegment + logBlocks);
      return field.mul(equalsBits(field, inputs.block, b), own);
    },
    values: ({ block, live }) => {
      const positions = rows * 2 ** logBlocks;
      const table = new Uint8Array(rows * positions);
      const first = bitsToNumber(block) * rows;
      for (let t = 0; t < rows; t++) table[t * positions + first + t] = live[t];
      return table;
    },
  };
}

/** Limb k of each row's draw, over t. */
export function drawLimb(k: number): PublicDefinition {
  const limbs = <E>(draw: readonly E[]) => draw.filter((_, i) => i % DRAW_LIMBS === k);
  return {
    evaluate: (field, { draw }, point) => evaluate(field, limbs(draw), point),
    values: ({ draw }) => limbs(draw),
  };
}

/**
 * 1 where row t attends to position (b, j), over (t, b, j): all earlier blocks and its own block up to
 * itself; a dead row attends to itself alone.
 */
export function visible(logSegment: number, logBlocks: number): PublicDefinition {
  const rows = 2 ** logSegment;
  return {
    evaluate: (field, inputs, point) => {
      const rowWeights = eqTable(field, point.slice(0, logSegment));
      const b = point.slice(logSegment, logSegment + logBlocks);
      const placeWeights = eqTable(field, point.slice(logSegment + logBlocks));
      const { live, block } = inputs;
      let liveRows = field.constant(0);
      let own = field.constant(0);
      let upTo = field.constant(0); // Σ_{u ≤ t} eq(j, u)
      for (let t = 0; t < rows; t++) {
        const place = placeWeights[t];
        upTo = field.add(upTo, place);
        const isLive = live[t];
        const seen = field.add(place, field.mul(isLive, field.sub(upTo, place)));
        const weight = rowWeights[t];
        own = field.add(own, field.mul(weight, seen));
        liveRows = field.add(liveRows, field.mul(weight, isLive));
      }
      const earlier = field.mul(liveRows, lessThan(field, block, b));
      return field.add(earlier, field.mul(equalsBits(field, block, b), own));
    },
    values: ({ block, live }) => {
      const current = bitsToNumber(block);
      const positions = rows * 2 ** logBlocks;
      const table = new Uint8Array(rows * positions);
      for (let t = 0; t < rows; t++) {
        const position = current * rows + t;
        const row = table.subarray(t * positions, (t + 1) * positions);
        row.fill(1, live[t] === 1 ? 0 : position, position + 1);
      }
      return table;
    },
  };
}

type BitPredicate = <E>(field: Arithmetic<E>, bits: readonly E[], point: readonly E[]) => E;

/** Σ_t eq(t)·flag(t)·predicate(number(t), v) over (t, v). */
function rowSelector(
  logSegment: number,
  number: "token" | "choice",
  flag: "live" | "generated",
  predicate: BitPredicate,
  holds: (v: number, number: number) => boolean,
): PublicDefinition {
  const rows = 2 ** logSegment;
  return {
    evaluate: (field, inputs, point) => {
      const rowWeights = eqTable(field, point.slice(0, logSegment));
      const v = point.slice(logSegment);
      return rowWeights.reduce((sum, weight, t) => {
        const bits = inputs[number].slice(t * v.length, (t + 1) * v.length);
        const term = field.mul(inputs[flag][t], predicate(field, bits, v));
        return field.add(sum, field.mul(weight, term));
      }, field.constant(0));
    },
    values: (inputs) => {
      const bits = inputs[number];
      const logVocab = bits.length / rows;
      const vocab = 2 ** logVocab;
      const table = new Uint8Array(rows * vocab);
      for (let t = 0; t < rows; t++) {
        if (inputs[flag][t] !== 1) continue;
        const value = bitsToNumber(bits.slice(t * logVocab, (t + 1) * logVocab));
        for (let v = 0; v < vocab; v++) table[t * vocab + v] = Number(holds(v, value));
      }
      return table;
    },
  };
}

/** eq(bits, point). */
function equalsBits<E>(field: Arithmetic<E>, bits: readonly E[], point: readonly E[]): E {
  return point.reduce((product, x, k) => field.mul(product, eqFactor(field, bits[k], x)), field.constant(1));
}

function bitsToNumber(bits: readonly number[]): number {
  return bits.reduce((n, bit) => 2 * n + bit, 0);
}

function oneHot(index: number, log: number): Uint8Array {
  const values = new Uint8Array(2 ** log);
  values[index] = 1;
  return values;
}
