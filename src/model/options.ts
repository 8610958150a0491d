/** How a model knows positions: q and k are turned by them, or a learned vector is added to the embedding. */
export const POSITIONS = ["rotary", "learned"] as const;
/** The MLP: SiLU of one projection times another, or GELU (its tanh form) of one. */
export const ACTIVATIONS = ["silu", "gelu"] as const;
/** Vectors that may be added to the products of a matrix each: `BIAS_OF`. */
export const BIASES = ["bq", "bk", "bv", "bo", "bGate", "bUp", "bDown", "bHead"] as const;

export type BiasName = (typeof BIASES)[number];

/**
 * What kind of transformer a model is. Its norms are RMSNorms: a LayerNorm is one, once means and shifts are folded.
 *
 * @internal
 */
export interface ModelOptions {
  /** Rotary or learned. */
  readonly positions: (typeof POSITIONS)[number];
  /** SiLU, which gates, or GELU, which does not. */
  readonly activation: (typeof ACTIVATIONS)[number];
  /** The biases that there are, in the order of `BIASES`. */
  readonly biases: readonly BiasName[];
}

/** The Llama family's. */
export const LLAMA: ModelOptions = { positions: "rotary", activation: "silu", biases: [] };

/** Whether the activation is multiplied with a second projection, `up`. */
export const isGated = ({ activation }: ModelOptions): boolean => activation === "silu";

/** Whether q and k are turned. */
export const isRotary = ({ positions }: ModelOptions): boolean => positions === "rotary";

/** Throws unless these are options that there are rules for, written the one way that there is. */
export function checkOptions(options: ModelOptions): void {
  const { positions, activation, biases } = options;
  const fail = (what: string, expected: string, found: unknown): never => {
    throw new Error(`model config: expected ${what} to be ${expected}, found ${String(found)}`);
  };
  if (!POSITIONS.includes(positions)) fail("positions", `one of ${POSITIONS.join(", ")}`, positions);
  if (!ACTIVATIONS.includes(activation)) fail("activation", `one of ${ACTIVATIONS.join(", ")}`, activation);
  const possible = BIASES.filter((name) => name !== "bUp" || isGated(options));
  const inOrder = Array.isArray(biases) ? possible.filter((name) => biases.includes(name)) : [];
  if (
    !Array.isArray(biases) ||
    biases.length !== inOrder.length ||
    inOrder.some((name, k) => name !== biases[k])
  )
    fail("biases", `some of ${possible.join(", ")}, in this order`, biases);
}

/** The options as numbers: positions, activation, and a bit for each bias. */
export function optionWords({ positions, activation, biases }: ModelOptions): [number, number, number] {
  return [
    POSITIONS.indexOf(positions),
    ACTIVATIONS.indexOf(activation),
    biases.reduce((bits, name) => bits + 2 ** BIASES.indexOf(name), 0),
  ];
}

/** The options that these numbers stand for. @throws if they stand for none */
export function optionsOfWords([positions, activation, bits]: readonly [
  number,
  number,
  number,
]): ModelOptions {
  const options = {
    positions: POSITIONS[positions] as ModelOptions["positions"],
    activation: ACTIVATIONS[activation] as ModelOptions["activation"],
    biases: BIASES.filter((_, k) => Math.floor(bits / 2 ** k) % 2 === 1),
  };
  checkOptions(options);
  const [, , read] = optionWords(options);
  if (read !== bits)
    throw new Error(`model config: expected the bits of ${BIASES.length} biases, found ${bits}`);
  return options;
}
