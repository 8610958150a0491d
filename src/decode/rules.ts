import { AirBuilder, type TermText } from "../air/air.ts";
import { constantTensor, firstCells } from "../air/publics.ts";
import { meanShiftFor, ROTATION_SHIFT } from "../model/config.ts";
import type { SamplingTable } from "../model/sampler.ts";
import { decodeAxes, decodeLengths } from "./axes.ts";
import type { ModelDescription } from "../model/description.ts";
import { type BiasName, isGated, isRotary, type ModelOptions } from "../model/options.ts";
import { addNorm } from "./normRule.ts";
import {
  belowChoice,
  choiceSelector,
  isBlock,
  live,
  ownPosition,
  tokenSelector,
  visible,
} from "./publics.ts";
import { addSample } from "./sampleRules.ts";
import { addClamped, addRequantized, addResidual, addSigned16 } from "./requantRules.ts";
import { addFunctionTables, addRange } from "./tableRules.ts";

/** Oracle names: the segment's trace, the carried context after and before it, and weights and tables. */
export const ORACLES = ["trace", "contextOut", "contextIn", "fixed"] as const;
export type OracleName = (typeof ORACLES)[number];

/**
 * The rules of transformer decode for one segment, all layers, heads and rows at once, as docs/semantics.md
 * specifies them. The order here is the order of the model; nothing is left outside.
 *
 * @param sampling how tokens are chosen; greedily if left out
 */
export function decodeRules(
  description: ModelDescription,
  logSegment: number,
  sampling?: SamplingTable,
): AirBuilder {
  const { config } = description;
  const axes = decodeAxes(config, logSegment);
  const air = new AirBuilder({ ...axes, ...tableAxes() }, decodeLengths(config));
  addPublics(air, description, axes);
  addFunctionTables(air);
  for (const [name, layout] of Object.entries(weightAxes(config))) air.committed("fixed", name, layout);
  for (const oracle of ["contextOut", "contextIn"] as const)
    for (const name of ["keys", "values"]) air.committed(oracle, `${oracle}.${name}`, "b j l kv p s");

  const meanShift = meanShiftFor(config.dim);
  addLayerInput(air, config);
  addAttention(air, description, meanShift);
  addMlp(air, description, meanShift);
  addLogits(air, meanShift);
  if (sampling) addSample(air, sampling);
  else addGreedyChoice(air);
  return air;
}

/** Biases and their axes: those of the matrix's rows. */
const BIAS_AXES: Readonly<Record<BiasName, string>> = {
  bq: "l kv g p z",
  bk: "l kv p z",
  bv: "l kv p s",
  bo: "l i",
  bGate: "l f",
  bUp: "l f",
  bDown: "l i",
  bHead: "v",
};

/** Weight tensors and their axes; `rope` holds the 2×2 rotations (out s, in z) of every position and pair. */
function weightAxes(options: ModelOptions): Readonly<Record<string, string>> {
  return {
    embedding: "v i",
    wq: "l kv g p z i",
    wk: "l kv p z i",
    wv: "l kv p s i",
    wo: "l i kv g p s",
    gate: "l f i",
    ...(isGated(options) && { up: "l f i" }),
    down: "l i f",
    head: "v i",
    ...(isRotary(options) ? { rope: "b j p s z" } : { positions: "b j i" }),
    ...Object.fromEntries(options.biases.map((name) => [name, BIAS_AXES[name]])),
  };
}

/**
 * Defines the sum of a matrix product over "t …", and of its bias if the model has it. Dead rows have none: their
 * activations are zero, and stay it.
 */
function addSum(air: AirBuilder, name: string, axes: string, product: TermText, bias: BiasName): void {
  const isThere = air.tensors.has(bias);
  air.virtual(name, axes, [
    product,
    ...(isThere ? [[1, "live t", `${bias} ${axes.slice(2)}`] as const] : []),
  ]);
}

function tableAxes(): Record<string, number> {
  return Object.fromEntries(Array.from({ length: 18 }, (_, k) => [`x${k}`, k]));
}

function addPublics(air: AirBuilder, { config }: ModelDescription, axes: Record<string, number>): void {
  const { t, b, l, v } = axes as Record<"t" | "b" | "l" | "v", number>;
  const layers = 2 ** l;
  const flags = (length: number, holds: (k: number) => boolean) =>
    constantTensor(Array.from({ length }, (_, k) => Number(holds(k))));
  air.public("isBlock", "b", isBlock);
  if (config.biases.length > 0) air.public("live", "t", live);
  if (!isRotary(config)) air.public("ownPosition", "t b j", ownPosition(t, b));
  air.public("token", "t v", tokenSelector(t));
  air.public("choice", "t v", choiceSelector(t));
  air.public("belowChoice", "t v", belowChoice(t));
  air.public("visible", "t b j", visible(t, b));
  air.public(
    "firstLayer",
    "l",
    flags(layers, (k) => k === 0),
  );
  air.public(
    "lastLayer",
    "l",
    flags(layers, (k) => k === config.layers - 1),
  );
  // (from, to): the next layer, as long as it is a real one
  air.public(
    "nextLayer",
    "l l",
    flags(layers * layers, (k) => k % layers === Math.floor(k / layers) + 1 && k % layers < config.layers),
  );
  air.public("isWord", "v", firstCells(v, config.vocab));
}

/**
 * The residual stream h = 256·h1 + h0 at each layer's input: the token's embedding, and its position's if positions
 * are learned, then the layer before's output. The bytes of what is embedded are committed, so that the whole embedding
 * is read by one claim.
 */
function addLayerInput(air: AirBuilder, options: ModelOptions): void {
  for (const limb of ["1", "0"]) air.committed("trace", `embedded${limb}`, "t i");
  air.relation("embedded", "t i", [
    [1, "token t v", "embedding v i"],
    ...(isRotary(options) ? [] : [[1, "ownPosition t b j", "positions b j i"] as const]),
    [-256, "embedded1 t i"],
    [-1, "embedded0 t i"],
  ]);
  air.virtual("embedded1.range", "t i", [[1, "embedded1 t i"], [2 ** 7]]);
  addRange(air, "embedded1.range", 8);
  addRange(air, "embedded0", 8);
  for (const limb of ["1", "0"]) {
    air.committed("trace", `out${limb}`, "t l i");
    air.virtual(`in${limb}`, "t l i", [
      [1, "firstLayer l", `embedded${limb} t i`],
      [1, "nextLayer l' l", `out${limb} t l' i`],
    ]);
  }
}

function addAttention(
  air: AirBuilder,
  { config, shifts, scoreShift }: ModelDescription,
  meanShift: number,
): void {
  addNorm(air, "attentionNorm", "t l", "in1", "in0", meanShift);
  const isTurned = isRotary(config);
  if (isTurned) addRotation(air);

  // k's and v's results are the context's new block
  addProjection(air, "q", "kv g", shifts.q, isTurned);
  air.committed("trace", "q", "t l kv g p s");
  addClamped(air, "q.wide", "q");

  addProjection(air, "k", "kv", shifts.k, isTurned);
  addContext(air, "keys");
  addClamped(air, "k.wide", "new.keys");

  addProjection(air, "v", "kv", shifts.v, false);
  addContext(air, "values");
  addClamped(air, "v.wide", "new.values");

  addSoftmax(air, scoreShift);
  addMix(air);
  addSum(air, "attention.sum", "t l i", [1, "o t l kv g p s", "wo l i kv g p s"], "bo");
  for (const limb of ["1", "0"]) air.committed("trace", `mid${limb}`, "t l i");
  addResidual(air, "attention.residual", ["in1", "in0"], "attention.sum", shifts.o, ["mid1", "mid0"]);
}

/** q, k or v over `heads`, as 16 bits, not clamped yet: `name`.wide. Requantized; if turned, rotated and requantized again. */
function addProjection(
  air: AirBuilder,
  name: "q" | "k" | "v",
  heads: string,
  shift: number,
  isTurned: boolean,
): void {
  const wide = `${name}.wide`;
  const own = `l ${heads} p ${isTurned ? "z" : "s"}`;
  addSum(air, `${name}.sum`, `t ${own}`, [1, "attentionNorm t l i", `w${name} ${own} i`], `b${name}`);
  if (!isTurned) {
    addRequantized(air, wide, `${name}.sum`, shift);
    return;
  }
  const raw = `${name}.raw`;
  addRequantized(air, raw, `${name}.sum`, shift);
  addSigned16(air, raw);
  air.virtual(`${name}.turned`, `t l ${heads} p s`, [[1, "rotation t p s z", `${raw} t ${own}`]]);
  addRequantized(air, wide, `${name}.turned`, ROTATION_SHIFT);
}

/** The rotations of the segment's own positions. */
function addRotation(air: AirBuilder): void {
  air.virtual("rotation", "t p s z", [[1, "isBlock b", "rope b t p s z"]]);
}

/** The context's block of this segment holds the new rows; every other block is as it was, and this one was empty. */
function addContext(air: AirBuilder, name: "keys" | "values"): void {
  air.virtual(`new.${name}`, "t l kv p s", [[1, "isBlock b", `contextOut.${name} b t l kv p s`]]);
  air.relation(`carried.${name}`, "b j l kv p s", [
    [1, `contextOut.${name} b j l kv p s`],
    [-1, `contextIn.${name} b j l kv p s`],
    [-1, "isBlock b", `new.${name} j l kv p s`],
  ]);
}

/**
 * score = (max − u)·2^σ + r on visible positions, max attained; hidden positions have u = 65535, so e = 0.
 * `attained` = [u = 0].
 */
function addSoftmax(air: AirBuilder, scoreShift: number): void {
  const all = "t l kv g b j";
  const head = "t l kv g";
  air.committed("trace", "u", all);
  air.committed("trace", "e", all);
  air.committed("trace", "attained", all);
  air.committed("trace", "max", head);
  air.virtual("score", all, [[1, "q t l kv g p s", "contextOut.keys b j l kv p s"]]);
  air.virtual("score.remainder", all, [
    [1, "visible t b j", `score ${all}`],
    [-(2 ** scoreShift), "visible t b j", `max ${head}`],
    [2 ** scoreShift, "visible t b j", `u ${all}`],
  ]);
  addRange(air, "score.remainder", scoreShift);
  air.relation("hidden", all, [
    [1, `u ${all}`],
    [-1, "visible t b j", `u ${all}`],
    [-65535],
    [65535, "visible t b j"],
  ]);
  air.lookup("exp", "exp", ["u", "e", "attained"]);
  addSigned16(air, "max");
  air.virtual("attained.count", head, [[1, `attained ${all}`], [-1]]);
  addRange(air, "attained.count", 16);
}

/** o = floor((N + 4D)/(8D)), D = floor(Z/8) + 1: N + 4D = 8·(o·D + rest) + low, 0 ≤ rest < D, 0 ≤ low < 8. */
function addMix(air: AirBuilder): void {
  const head = "t l kv g";
  const all = "t l kv g p s";
  air.committed("trace", "divisor", head);
  air.virtual("sumE.low", head, [[1, "e t l kv g b j"], [-8, `divisor ${head}`], [8]]);
  addRange(air, "sumE.low", 3);
  air.virtual("divisor.range", head, [[1, `divisor ${head}`], [-1]]);
  addRange(air, "divisor.range", 16);

  air.committed("trace", "o", all);
  air.committed("trace", "o.rest", all);
  air.virtual("mix", all, [[1, "e t l kv g b j", "contextOut.values b j l kv p s"]]);
  air.virtual("o.gap", all, [[1, `divisor ${head}`], [-1, `o.rest ${all}`], [-1]]);
  addRange(air, "o.rest", 16);
  addRange(air, "o.gap", 16);
  // 8·o + low
  air.virtual("o.fine", all, [
    [1, `mix ${all}`],
    [4, `divisor ${head}`],
    [-8, `divisor ${head}`, `o ${all}`],
    [-8, `o.rest ${all}`],
    [8, `o ${all}`],
  ]);
  air.lookup("o", "quotient", ["o.fine", "o"]);
}

function addMlp(air: AirBuilder, { config, shifts }: ModelDescription, meanShift: number): void {
  addNorm(air, "mlpNorm", "t l", "mid1", "mid0", meanShift);
  addSum(air, "gate.sum", "t l f", [1, XM, "gate l f i"], "bGate");
  addRequantized(air, "gate.raw", "gate.sum", shifts.gate);
  air.committed("trace", "activation", "t l f");
  air.lookup("activation", "activation", ["gate.raw", "activation"]);
  if (isGated(config)) addProduct(air, shifts);
  const inner = isGated(config) ? "product" : "activation";
  addSum(air, "mlp.sum", "t l i", [1, `${inner} t l f`, "down l i f"], "bDown");
  addResidual(air, "mlp.residual", ["mid1", "mid0"], "mlp.sum", shifts.down, ["out1", "out0"]);
}

/** The norm before the MLP. */
const XM = "mlpNorm t l i";

/** product = clamp(requant(activation·up)): what the activation gates. */
function addProduct(air: AirBuilder, shifts: ModelDescription["shifts"]): void {
  addSum(air, "up.sum", "t l f", [1, XM, "up l f i"], "bUp");
  addRequantized(air, "up.raw", "up.sum", shifts.up);
  addSigned16(air, "up.raw");
  air.virtual("product.sum", "t l f", [[1, "activation t l f", "up.raw t l f"]]);
  addRequantized(air, "product.wide", "product.sum", shifts.prod);
  air.committed("trace", "product", "t l f");
  addClamped(air, "product.wide", "product");
}

function addLogits(air: AirBuilder, meanShift: number): void {
  for (const limb of ["1", "0"]) air.virtual(`final${limb}`, "t i", [[1, "lastLayer l", `out${limb} t l i`]]);
  addNorm(air, "finalNorm", "t", "final1", "final0", meanShift);
  addSum(air, "logit", "t v", [1, "finalNorm t i", "head v i"], "bHead");
}

/**
 * Greedy choice, lowest index first: lead = top − logit − [v < choice] lies in [0, 2^30) for every word,
 * and is 0 at the chosen one. Prompt rows choose nothing: there top is free, and lead ≥ 0 says nothing.
 */
function addGreedyChoice(air: AirBuilder): void {
  air.committed("trace", "top", "t");
  air.committed("trace", "lead1", "t v");
  air.virtual("lead", "t v", [
    [1, "top t", "isWord v"],
    [-1, "logit t v"],
    [-1, "belowChoice t v"],
  ]);
  air.virtual("lead0", "t v", [
    [1, "lead t v"],
    [-(2 ** 16), "lead1 t v"],
  ]);
  addRange(air, "lead0", 16);
  addRange(air, "lead1", 14);
  air.relation("chosen", "t", [[1, "choice t v", "lead t v"]]);
}
