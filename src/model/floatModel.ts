/** A float model's shape, and which of the known variants it is made of. */
export interface Architecture {
  readonly dim: number;
  readonly hidden: number;
  readonly layers: number;
  /** heads·headDim = dim */
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly vocab: number;
  /** The longest context that the model was made for. */
  readonly sequence: number;
  /** RMSNorm; or LayerNorm, which takes the mean away and adds a bias. */
  readonly norm: "rms" | "layer";
  /** Added to the mean square, or variance, under the norm's root. */
  readonly epsilon: number;
  /** SiLU of one projection, `gate`, times another, `up`; or GELU (its tanh form) of one. */
  readonly activation: "silu" | "gelu";
  /** (headDim/2): radians per position of each rotated pair; absent where positions are learned vectors. */
  readonly frequencies?: Float64Array;
  /** Which linear maps have biases. */
  readonly biases: "none" | "qkv" | "all";
  /** The head is the embedding. */
  readonly tied: boolean;
}

/**
 * A float model's numbers. All arrays row-major float32, one row per output; the pairs that rotate are
 * neighbours, (2i, 2i+1), as in llama2.c.
 */
export interface FloatWeights {
  /** (vocab, dim) */
  readonly embedding: Float32Array;
  /** (sequence, dim): added to the embedding, where positions do not rotate */
  readonly positions?: Float32Array;
  /** (layers, dim): gain and bias of the norm before attention */
  readonly attentionGain: Float32Array;
  readonly attentionShift?: Float32Array;
  /** (layers, dim, dim) */
  readonly wq: Float32Array;
  /** (layers, kvHeads·headDim, dim) */
  readonly wk: Float32Array;
  /** (layers, kvHeads·headDim, dim) */
  readonly wv: Float32Array;
  /** (layers, dim, dim) */
  readonly wo: Float32Array;
  /** Biases, a row of the matrix each. */
  readonly bq?: Float32Array;
  readonly bk?: Float32Array;
  readonly bv?: Float32Array;
  readonly bo?: Float32Array;
  /** (layers, dim): gain and bias of the norm before the MLP */
  readonly mlpGain: Float32Array;
  readonly mlpShift?: Float32Array;
  /** (layers, hidden, dim): what the activation is applied to */
  readonly gate: Float32Array;
  /** (layers, hidden, dim): what it gates, if anything */
  readonly up?: Float32Array;
  /** (layers, dim, hidden) */
  readonly down: Float32Array;
  readonly bGate?: Float32Array;
  readonly bUp?: Float32Array;
  readonly bDown?: Float32Array;
  /** (dim) */
  readonly finalGain: Float32Array;
  readonly finalShift?: Float32Array;
  /** (vocab, dim); the embedding itself where the two are tied */
  readonly head: Float32Array;
  /** (vocab): where norms' biases were folded into what follows them */
  readonly bHead?: Float32Array;
}

export interface FloatModel extends Architecture, FloatWeights {}

/** (layers, rows, cols) of every array that a model of this architecture has of its own. */
export function floatShapes(
  architecture: Architecture,
): Partial<Record<keyof FloatWeights, readonly [number, number, number]>> {
  const { dim, hidden, layers, kvHeads, headDim, vocab, sequence, norm, activation, biases } = architecture;
  const width = kvHeads * headDim;
  return {
    embedding: [1, vocab, dim],
    ...(architecture.frequencies ? {} : { positions: [1, sequence, dim] }),
    attentionGain: [layers, 1, dim],
    ...(norm === "layer" ? { attentionShift: [layers, 1, dim] } : {}),
    wq: [layers, dim, dim],
    wk: [layers, width, dim],
    wv: [layers, width, dim],
    wo: [layers, dim, dim],
    ...(biases !== "none" ? { bq: [layers, 1, dim], bk: [layers, 1, width], bv: [layers, 1, width] } : {}),
    ...(biases === "all"
      ? { bo: [layers, 1, dim], bGate: [layers, 1, hidden], bDown: [layers, 1, dim] }
      : {}),
    ...(biases === "all" && activation === "silu" ? { bUp: [layers, 1, hidden] } : {}),
    mlpGain: [layers, 1, dim],
    ...(norm === "layer" ? { mlpShift: [layers, 1, dim] } : {}),
    gate: [layers, hidden, dim],
    ...(activation === "silu" ? { up: [layers, hidden, dim] } : {}),
    down: [layers, dim, hidden],
    finalGain: [1, 1, dim],
    ...(norm === "layer" ? { finalShift: [1, 1, dim] } : {}),
    ...(architecture.tied ? {} : { head: [1, vocab, dim] }),
  };
}

/** @throws unless all sizes are in a sane range and fit one another */
export function checkArchitecture(architecture: Architecture): void {
  const fail = (expected: string, found: string | number): never => {
    throw new Error(`architecture: expected ${expected}, found ${found}`);
  };
  const most = {
    dim: 2 ** 16,
    hidden: 2 ** 18,
    layers: 2 ** 10,
    heads: 2 ** 10,
    kvHeads: 2 ** 10,
    headDim: 2 ** 12,
    vocab: 2 ** 24,
    sequence: 2 ** 24,
  };
  for (const [name, largest] of Object.entries(most)) {
    const size = architecture[name as keyof typeof most];
    if (!Number.isInteger(size) || size < 1 || size > largest)
      fail(`${name} to be an integer in [1, ${largest}]`, size);
  }
  const { dim, heads, kvHeads, headDim, epsilon, frequencies } = architecture;
  if (heads * headDim !== dim) fail(`heads · headDim = dim = ${dim}`, `${heads} · ${headDim}`);
  if (heads % kvHeads !== 0) fail(`kvHeads to divide heads ${heads}`, kvHeads);
  if (headDim % 2 !== 0) fail("an even headDim", headDim);
  if (!(epsilon > 0 && epsilon < 1)) fail("epsilon in (0, 1)", epsilon);
  if (!frequencies) return;
  if (frequencies.length !== headDim / 2) fail(`${headDim / 2} frequencies`, frequencies.length);
  for (const frequency of frequencies)
    if (!(frequency >= 0 && frequency <= 8)) fail("frequencies in [0, 8]", frequency);
}
