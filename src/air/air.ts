import type { Arithmetic } from "../hash/channel.ts";

/** Where a tensor's values come from. */
export type Source =
  | { readonly kind: "committed"; readonly oracle: string }
  | { readonly kind: "public"; readonly definition: PublicDefinition }
  | { readonly kind: "virtual"; readonly terms: readonly Term[] };

/** Public inputs of a statement as field elements, by name; each a vector whose length the air fixes. */
export type Inputs<E> = Readonly<Record<string, readonly E[]>>;

/** A tensor that the verifier evaluates itself. */
export interface PublicDefinition {
  /** The multilinear extension at `point` (most significant variable first). */
  evaluate<E>(field: Arithmetic<E>, inputs: Inputs<E>, point: readonly E[]): E;
  /** The same tensor as a table of small integers, row-major. */
  values(inputs: Inputs<number>): ArrayLike<number>;
}

/** A tensor over named axes, row-major, first axis most significant; axis lengths are powers of two. */
export interface Tensor {
  readonly name: string;
  readonly axes: readonly string[];
  /** log2 of each axis' length, in the order of `axes`. */
  readonly logs: readonly number[];
  /** How much of each axis is not padding. */
  readonly lengths: readonly number[];
  readonly logSize: number;
  readonly source: Source;
}

/** A tensor with its axes renamed to the labels of the term in which it stands. */
export interface Factor {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

/** coefficient · Σ over the labels that the definition's axes do not name · Π factors (at most two). */
export interface Term {
  readonly coefficient: number;
  readonly factors: readonly Factor[];
}

/** A function or range table: the set of its rows. */
export interface Table {
  readonly name: string;
  /** Columns, all of one size. */
  readonly columns: readonly Tensor[];
  /** How often each row is looked up; committed. */
  readonly multiplicity: Tensor;
}

/** Every cell of the entries, together, is a row of the table. */
export interface Lookup {
  readonly name: string;
  readonly table: Table;
  /** Tensors over the same axes, one per column of the table. */
  readonly entries: readonly Tensor[];
}

/**
 * The rules as data: tensors, definitions, relations (virtual tensors that vanish everywhere) and
 * lookups. Prover, verifier, soundness calculator, folding circuit and mutation test all read this.
 */
export interface Air {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** In order of definition: a term names only tensors that stand before. */
  readonly virtuals: readonly Tensor[];
  readonly relations: readonly Tensor[];
  readonly tables: readonly Table[];
  readonly lookups: readonly Lookup[];
}

/** One term as text: a coefficient and factors written "name label label …". */
export type TermText = readonly [coefficient: number, ...factors: string[]];

/**
 * Builds an `Air`. Axis and factor lists are words separated by spaces: `virtual("acc", "t o",
 * [[1, "x t i", "w o i"]])` defines acc[t,o] = Σ_i x[t,i]·w[o,i].
 */
export class AirBuilder implements Air {
  readonly tensors = new Map<string, Tensor>();
  readonly virtuals: Tensor[] = [];
  readonly relations: Tensor[] = [];
  readonly tables: Table[] = [];
  readonly lookups: Lookup[] = [];

  /**
   * @param axes log2 of the length of every axis
   * @param lengths how much of an axis is not padding, if not all
   */
  constructor(
    readonly axes: Readonly<Record<string, number>>,
    readonly lengths: Readonly<Record<string, number>> = {},
  ) {}

  committed(oracle: string, name: string, axes: string): Tensor {
    return this.#add(name, axes, { kind: "committed", oracle });
  }

  public(name: string, axes: string, definition: PublicDefinition): Tensor {
    return this.#add(name, axes, { kind: "public", definition });
  }

  virtual(name: string, axes: string, terms: readonly TermText[]): Tensor {
    const tensor = this.#add(name, axes, {
      kind: "virtual",
      terms: terms.map(([coefficient, ...factors]) => ({
        coefficient,
        factors: factors.map((text) => this.#factor(text)),
      })),
    });
    checkTerms(tensor, this.axes);
    this.virtuals.push(tensor);
    return tensor;
  }

  /** The tensor with these terms is zero everywhere. */
  relation(name: string, axes: string, terms: readonly TermText[]): void {
    this.relations.push(this.virtual(name, axes, terms));
  }

  /** A table of these columns; its multiplicities are committed to `oracle` as `<name>.multiplicity`. */
  table(oracle: string, name: string, columns: readonly string[]): void {
    const tensors = columns.map((column) => this.get(column));
    const first = tensors[0];
    if (!first || tensors.some((tensor) => tensor.logSize !== first.logSize))
      throw new Error(`table ${name}: expected columns of one size`);
    const multiplicity = this.committed(oracle, `${name}.multiplicity`, first.axes.join(" "));
    this.tables.push({ name, columns: tensors, multiplicity });
  }

  lookup(name: string, table: string, entries: readonly string[]): void {
    const target = this.tables.find((candidate) => candidate.name === table);
    const tensors = entries.map((entry) => this.get(entry));
    const axes = tensors[0]?.axes.join(" ");
    if (target?.columns.length !== entries.length || tensors.some((t) => t.axes.join(" ") !== axes))
      throw new Error(
        `lookup ${name}: expected entries over the same axes, one per column of table ${table}`,
      );
    this.lookups.push({ name, table: target, entries: tensors });
  }

  get(name: string): Tensor {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new Error(`air: expected a defined tensor, got ${name}`);
    return tensor;
  }

  #add(name: string, axesText: string, source: Source): Tensor {
    if (this.tensors.has(name)) throw new Error(`air: tensor ${name} is defined twice`);
    const axes = words(axesText);
    const logs = axes.map((axis) => {
      const log = this.axes[axis];
      if (log === undefined) throw new Error(`air: expected a declared axis, got ${axis} in ${name}`);
      return log;
    });
    const lengths = axes.map((axis, k) => this.lengths[axis] ?? 2 ** (logs[k] as number));
    const tensor = { name, axes, logs, lengths, logSize: logs.reduce((a, b) => a + b, 0), source };
    this.tensors.set(name, tensor);
    return tensor;
  }

  #factor(text: string): Factor {
    const [name, ...labels] = words(text);
    const tensor = this.get(name as string);
    if (labels.length !== tensor.axes.length)
      throw new Error(`air: expected ${tensor.axes.length} labels for ${name}, got ${labels.length}`);
    return { tensor, labels };
  }
}

function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}

/** Labels are axis names, possibly primed; a label's length must be one and the same wherever it stands. */
function checkTerms(tensor: Tensor, axes: Readonly<Record<string, number>>): void {
  if (tensor.source.kind !== "virtual") return;
  for (const term of tensor.source.terms) {
    if (term.factors.length > 2) throw new Error(`air: ${tensor.name} multiplies more than two factors`);
    for (const { tensor: factor, labels } of term.factors) {
      if (new Set(labels).size < labels.length)
        throw new Error(`air: ${tensor.name}: a label stands twice in factor ${factor.name}`);
      labels.forEach((label, k) => {
        if (axes[label.replace(/'$/, "")] !== factor.logs[k])
          throw new Error(
            `air: ${tensor.name}: label ${label} does not fit axis ${factor.axes[k]} of ${factor.name}`,
          );
      });
    }
  }
}
