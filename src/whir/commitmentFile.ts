import { eEqual, type Ext } from "../field/ext.ts";
import { DIGEST_WORDS, hashWords } from "../hash/blake3.ts";
import { sameDigest } from "../hash/merkleLayer.ts";
import { MerkleTree } from "../hash/merkleTree.ts";
import type { Ptr } from "../kernels/kernels.ts";
import type { Code } from "./code.ts";
import { type Committed, nameOracle, type SentOracle, type WhirProver } from "./commit.ts";
import type { OracleShape, WhirShape } from "./shape.ts";

/*
 * A commitment of kind "root" as a file of little-endian u32 words:
 *
 *   magic "STKC", version, logSize, logFold, columns, logInvRate, root (8), value (5), the digests of the tree's
 *   2^logRows leaves, then the code row by row, so that a row that is opened is one read.
 *
 * It is read beside the table that it commits to, and is hostile input. Checked before it is used: header and size;
 * the whole tree, hashed from its leaves to the root; the value, which is computed anew from the table at the point
 * that follows from the root, so that a file of other weights or of another layout is refused. The code stays
 * in the file: a row is read when it is opened, and must hash to its leaf. Not checked: that the code is the table's.
 * Who writes another one, with a tree and a value that fit, makes proofs that no verifier accepts, or a model id that
 * is not the weights': `models commit` computes it, and reads no file.
 */

/** A file that is read at random, without waiting. */
export interface FileBytes {
  /** For messages. */
  readonly name: string;
  readonly size: number;
  /** @throws if there are not so many bytes at `offset` */
  read(offset: number, length: number): Uint8Array<ArrayBuffer>;
}

const MAGIC = 0x434b5453; // "STKC"
/** Another one whenever code or hashing change: the value depends on neither. */
const VERSION = 1;
const HEADER_WORDS = 6 + DIGEST_WORDS + 5;
/** Words that are written or read at a time, but for a row more. */
const PIECE_WORDS = 2 ** 20;

/** What a file says of itself. */
export interface CommitmentHeader {
  /** logSize, logFold, columns, logInvRate */
  readonly shape: readonly number[];
  /** 8 words. */
  readonly root: Uint32Array;
  readonly value: Ext;
}

/** The pieces of a commitment's file, in order; each is to be used before the next one is asked for. */
export function* commitmentPieces(
  shape: OracleShape,
  { committed, outOfDomain }: SentOracle,
): Generator<Uint8Array<ArrayBuffer>> {
  const { root, tree, code } = committed;
  yield bytesOf(Uint32Array.from([MAGIC, VERSION, ...shapeWords(shape), ...root, ...outOfDomain.value]));
  yield bytesOf(tree.layer(tree.logLeaves));
  const count = Math.max(1, Math.floor(PIECE_WORDS / shape.columns));
  const piece = new Uint32Array(count * shape.columns);
  for (let from = 0; from < 2 ** tree.logLeaves; from += count) {
    const rows = Math.min(count, 2 ** tree.logLeaves - from);
    code.read(
      Array.from({ length: rows }, (_, k) => from + k),
      piece,
    );
    yield bytesOf(piece.subarray(0, rows * shape.columns));
  }
}

/** @throws if it is no commitment's file */
export function readCommitmentHeader(file: FileBytes): CommitmentHeader {
  if (file.size < 4 * HEADER_WORDS) fail(file, `${4 * HEADER_WORDS} bytes of header`, `${file.size} bytes`);
  const words = wordsOf(file.read(0, 4 * HEADER_WORDS));
  const [magic, version, ...rest] = words;
  if (magic !== MAGIC) fail(file, "the magic number of a commitment", `${magic}`);
  if (version !== VERSION) fail(file, `version ${VERSION}`, `${version}`);
  const root = words.slice(6, 6 + DIGEST_WORDS);
  return { shape: rest.slice(0, 4), root, value: rest.slice(4 + DIGEST_WORDS) as unknown as Ext };
}

/**
 * What `commitOracle` and `nameOracle` would make of the table, from a file: all of the tree, and of the code what
 * is opened. Takes the tree's memory, 2^(logRows + 1) digests.
 *
 * @param values the table, in the prover's arena
 * @throws if the file is not this table's
 */
export function readCommitment(
  prover: WhirProver,
  values: Ptr,
  shape: WhirShape,
  oracle: number,
  file: FileBytes,
): SentOracle {
  const own = shape.oracles[oracle] as OracleShape;
  const header = readCommitmentHeader(file);
  const expected = shapeWords(own);
  if (header.shape.join() !== expected.join())
    fail(file, `logSize, logFold, columns, logInvRate ${expected.join(", ")}`, header.shape.join(", "));
  const { columns } = own;
  const logRows = own.logSize - own.logFold + own.logInvRate;
  const leavesAt = 4 * HEADER_WORDS;
  const codeAt = leavesAt + 4 * DIGEST_WORDS * 2 ** logRows;
  const size = codeAt + 4 * columns * 2 ** logRows;
  if (file.size !== size) fail(file, `${size} bytes`, `${file.size}`);

  const tree = MerkleTree.over(prover, logRows, (leaves) => {
    const words = 2 ** logRows * DIGEST_WORDS;
    for (let from = 0; from < words; from += PIECE_WORDS) {
      const piece = wordsOf(file.read(leavesAt + 4 * from, 4 * Math.min(PIECE_WORDS, words - from)));
      prover.arena.u32(leaves + 4 * from, piece.length).set(piece);
    }
  });
  const root = tree.root();
  if (!sameDigest(root, header.root)) fail(file, "leaves that lead to the root", "others");
  const committed: Committed = {
    prover,
    root,
    tree,
    code: new FileCode(file, codeAt, columns, tree),
    values,
  };
  const sent = nameOracle(shape, oracle, committed);
  if (!eEqual(sent.outOfDomain.value, header.value))
    fail(file, "a commitment to this model's weights and tables", "one to others");
  return sent;
}

/** A code that stays in a file: what is read of it must be what the tree's leaves are the digests of. */
class FileCode implements Code {
  constructor(
    readonly file: FileBytes,
    /** Where it begins. */
    readonly offset: number,
    readonly columns: number,
    readonly tree: MerkleTree,
  ) {}

  read(indices: readonly number[], to: Uint32Array): void {
    const length = 4 * this.columns;
    indices.forEach((index, k) => {
      const row = wordsOf(this.file.read(this.offset + index * length, length));
      if (!sameDigest(hashWords(row), this.tree.leaf(index)))
        fail(this.file, `row ${index} to have the digest of its leaf`, "another");
      to.set(row, k * this.columns);
    });
  }
}

function shapeWords({ logSize, logFold, columns, logInvRate }: OracleShape): number[] {
  return [logSize, logFold, columns, logInvRate];
}

function fail({ name }: FileBytes, expected: string, found: string): never {
  throw new Error(`${name}: expected ${expected}, found ${found}; commit to the model again`);
}

/** The words' bytes, little-endian as every host of this code is. */
function bytesOf(words: Uint32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(words.buffer as ArrayBuffer, words.byteOffset, words.byteLength);
}

function wordsOf(bytes: Uint8Array<ArrayBuffer>): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
