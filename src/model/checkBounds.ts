import { requant } from "./arithmetic.ts";
import {
  ACCUMULATOR_LIMIT,
  ACTIVATION_LIMIT,
  GATED_LIMIT,
  meanShiftFor,
  NORM_SHIFT,
  ROTATION_LIMIT,
  ROTATION_SHIFT,
} from "./config.ts";
import { checkDescription } from "./description.ts";
import {
  BIAS_OF,
  biasShapes,
  type IntegerModel,
  type Shifts,
  type Weights,
  weightShapes,
} from "./integerModel.ts";
import { type BiasName, isGated, isRotary } from "./options.ts";
import { type Tables, ropeTables, rsqrtTable } from "./tables.ts";

/** One static bound: |what| ≤ found, and found < limit. */
export interface Bound {
  readonly what: string;
  /** The layer where it is largest, −1 where there is none. */
  readonly layer: number;
  readonly found: number;
  readonly limit: number;
}

const P = 2 ** 31 - 1;

/** The largest |h·inv| over all residuals h, given that h² ≤ Σh²: found by trying every (μ, f). */
export function normProductBound(meanShift: number, rsqrt: Uint32Array): number {
  let bound = 0;
  for (let f = 0; f <= 7; f++) {
    for (let mu = f === 0 ? 0 : 2 ** 14; mu < 2 ** 16; mu++) {
      const largestSquare = 2 ** meanShift * 4 ** f * (mu + 1) - 1;
      const h = Math.min(32768, Math.floor(Math.sqrt(largestSquare)));
      bound = Math.max(bound, h * rsqrt[mu]! * 2 ** (7 - f));
    }
  }
  return bound;
}

/** The largest |w·x + b| over the rows of one layer of a matrix, and all x within ±A: A·Σ|w| + |b|. */
function sumBound(
  matrix: ArrayLike<number>,
  bias: ArrayLike<number>,
  layer: number,
  rows: number,
  cols: number,
): number {
  let largest = 0;
  for (let row = layer * rows; row < (layer + 1) * rows; row++) {
    let sum = 0;
    for (let i = row * cols; i < (row + 1) * cols; i++) sum += Math.abs(matrix[i]!);
    largest = Math.max(largest, ACTIVATION_LIMIT * sum + Math.abs(bias[row] ?? 0));
  }
  return largest;
}

/** The largest |embedded| over the channels, whatever token and position. */
function embeddedBound({ config: { dim }, weights: { embedding, positions } }: IntegerModel): number {
  const largest = (matrix: Int16Array) => {
    const found = new Int32Array(dim);
    matrix.forEach((value, i) => {
      found[i % dim] = Math.max(found[i % dim]!, Math.abs(value));
    });
    return found;
  };
  const ofPositions = largest(positions);
  return largest(embedding).reduce((bound, value, i) => Math.max(bound, value + ofPositions[i]!), 0);
}

/** The largest |cos| + |sin|. */
function rotationNorm(tables: Tables): number {
  return tables.cos.reduce((norm, cos, i) => Math.max(norm, Math.abs(cos) + Math.abs(tables.sin[i]!)), 0);
}

/** Which shift follows each weight array. */
const SHIFT_OF = {
  wq: "q",
  wk: "k",
  wv: "v",
  wo: "o",
  gate: "gate",
  up: "up",
  down: "down",
} as const satisfies Partial<Record<keyof Weights, keyof Shifts>>;

/**
 * Every static bound of the model, from its weights' L1 norms and its activations' ranges. Throws if
 * one does not hold: the rules are sound, and the decoder's accumulators exact, only within them.
 */
export function checkBounds(model: IntegerModel): Bound[] {
  checkParameters(model);
  const { config, shifts, weights, biases, tables, scales } = model;
  const shapes = weightShapes(config);
  const bounds: Bound[] = [];
  const demand = (what: string, layer: number, found: number, limit: number) => {
    if (!(found < limit)) {
      const where = layer < 0 ? "" : ` in layer ${layer}`;
      throw new Error(`model bounds: expected ${what}${where} to stay below ${limit}, found ${found}`);
    }
    bounds.push({ what, layer, found, limit });
  };

  const product = normProductBound(meanShiftFor(config.dim), tables.rsqrt);
  demand("|h·inv| of a norm", -1, product, ACCUMULATOR_LIMIT);
  demand("|x| of a norm", -1, requant(product, NORM_SHIFT), 2 ** 15);

  for (const [key, shift] of Object.entries(SHIFT_OF)) {
    const name = key as keyof typeof SHIFT_OF;
    const [layers, rows, cols] = shapes[name];
    for (let layer = 0; layer < layers; layer++) {
      if (rows === 0) continue;
      const sum = sumBound(weights[name], biases[BIAS_OF[name]], layer, rows, cols);
      demand(`|acc| of ${name}`, layer, sum + 2 ** (shifts[shift] - 1), ACCUMULATOR_LIMIT);
    }
  }
  if (isRotary(config))
    demand(
      "|rotated q, k|",
      -1,
      ROTATION_LIMIT * rotationNorm(tables) + 2 ** (ROTATION_SHIFT - 1),
      2 ** (15 + ROTATION_SHIFT),
    );
  else demand("|embedded|", -1, embeddedBound(model), 2 ** 15);
  const logit = sumBound(weights.head, biases.bHead, 0, config.vocab, config.dim);
  demand("|logit|", -1, logit, ACCUMULATOR_LIMIT);
  demand("|score|", -1, config.headDim * ACTIVATION_LIMIT ** 2, ACCUMULATOR_LIMIT);
  if (isGated(config))
    demand("|a·u|", -1, scales.activationLimit * 2 ** 15 + 2 ** (shifts.prod - 1), ACCUMULATOR_LIMIT);
  // N + 4·Zs = 8·Zs·o + r with 12-bit o: both sides together must not reach p
  demand("|N| + 8·Zs·|o|", -1, 4096.5 * (model.expScale * config.capacity + 8), P);
  return bounds;
}

function checkParameters(model: IntegerModel): void {
  const {
    config,
    weights,
    biases,
    tables,
    scales: { activationLimit: limit },
  } = model;
  checkDescription(model);
  const expect = (name: string, expected: number | string, found: number, ok = expected === found) => {
    if (!ok) throw new Error(`model: expected ${name} to be ${expected}, found ${found}`);
  };
  for (const [name, [layers, rows, cols]] of Object.entries(weightShapes(config))) {
    expect(`the length of ${name}`, layers * rows * cols, weights[name as keyof Weights].length);
  }

  for (const [name, [layers, rows]] of Object.entries(biasShapes(config))) {
    expect(`the length of ${name}`, layers * rows, biases[name as BiasName].length);
  }

  const pairs = isRotary(config) ? config.headDim / 2 : 0;
  expect("the number of frequencies", pairs, model.frequencies.length);
  const sizes = {
    exp: 2 ** 16,
    activation: 2 ** 16,
    rsqrt: 2 ** 16,
    cos: config.capacity * pairs,
    sin: config.capacity * pairs,
  };
  for (const [name, size] of Object.entries(sizes)) {
    expect(`the length of table ${name}`, size, tables[name as keyof typeof sizes].length);
  }
  expect("EXP[0]", model.expScale, tables.exp[0]!);
  // masked positions carry u = 65535, and must weigh nothing
  expect("EXP[65535]", 0, tables.exp[65535]!);
  for (let u = 1; u < 65536; u++) {
    expect(`EXP[${u}]`, `at most EXP[${u - 1}]`, tables.exp[u]!, tables.exp[u]! <= tables.exp[u - 1]!);
  }
  const most = isGated(config) ? GATED_LIMIT : ACTIVATION_LIMIT;
  const isLimit = Number.isInteger(limit) && limit >= ACTIVATION_LIMIT && limit <= most;
  expect("the activation limit", `in [${ACTIVATION_LIMIT}, ${most}]`, limit, isLimit);
  for (let x = 0; x < 65536; x++) {
    const value = tables.activation[x]!;
    expect(`ACT[${x - 32768}]`, `within ±${limit}`, value, Math.abs(value) <= limit);
  }
  // R, cos and sin have no free parameter but B, the shape and the frequencies
  const expected = { rsqrt: rsqrtTable(model.normBits), ...ropeTables(config.capacity, model.frequencies) };
  for (const name of ["rsqrt", "cos", "sin"] as const) {
    expected[name].forEach((value, i) => expect(`${name}[${i}]`, value, tables[name][i]!));
  }
}
