/** An oracle that exists before the opening starts: base values, interleaved columns. */
export interface OracleShape {
  readonly name: string;
  /** Variables of the committed multilinear polynomial. */
  readonly logSize: number;
  /** The top logFold variables index the interleaved columns. */
  readonly logFold: number;
  /** Columns that are stored and hashed, ≤ 2^logFold; the rest are zero. ≤ 256. */
  readonly columns: number;
  readonly logInvRate: number;
  readonly queries: number;
  /** "transcript": one out-of-domain sample in this transcript; "root": the value at H("ood", root) is part of the oracle's name. */
  readonly outOfDomain: "transcript" | "root";
  /** Grinding bits before each of the logFold fold challenges. */
  readonly foldGrinding: number;
}

/** Words of the columns that are stored: what a prover keeps of the oracle. */
export function storedWords({ columns, logSize, logFold }: OracleShape): number {
  return columns * 2 ** (logSize - logFold);
}

/** An extension-field oracle sent during the opening; round 0 is the stack of all residues. */
export interface RoundShape {
  readonly logSize: number;
  readonly logFold: number;
  /** Columns that are stored and hashed, ≤ 2^logFold; the rest are zero: the end of a stack that is not full. */
  readonly columns: number;
  readonly logInvRate: number;
  readonly queries: number;
  /** Grinding bits before this oracle's out-of-domain sample's successors: each of its fold challenges. */
  readonly foldGrinding: number;
  /** Grinding bits before the query phase that opens this oracle. */
  readonly queryGrinding: number;
}

/** The whole opening, derived by `whirShape` from the profile and the oracles' sizes: the verifier's side only. */
export interface WhirShape {
  readonly oracles: readonly OracleShape[];
  /** Aligned place of each oracle's residue in round 0: element offset, a multiple of 2^(logSize − logFold). */
  readonly residueOffsets: readonly number[];
  /** Grinding before the first batching challenge (over all claims). */
  readonly batchGrinding: number;
  /** Grinding before the query phase that opens all the given oracles. */
  readonly queryGrinding: number;
  readonly rounds: readonly RoundShape[];
  /** Variables of the final polynomial, sent in clear. */
  readonly logFinal: number;
}
