import { Fields } from "../../client/wire/fields.ts";
import { type FoldFile, formatFold } from "../../session/foldFile.ts";
import { formatSession, type SessionFile } from "../../session/sessionFile.ts";

const SEGMENTS = "starkstream proofs";
const FINAL = "starkstream final proof";

/** A session and its proofs in one file, to keep and to drop back. */
export function formatProofFile(file: SessionFile, proofs: readonly Uint8Array[]): string {
  const session = sessionOf(file, proofs.length);
  return JSON.stringify({ format: SEGMENTS, version: 1, session, proofs: proofs.map(base64) });
}

/** A session's final proof, with all that is needed beside it. */
export function formatFinalFile(
  file: SessionFile,
  segments: number,
  fold: FoldFile,
  proof: Uint8Array,
): string {
  const parts = { session: sessionOf(file, segments), fold: JSON.parse(formatFold(fold)) };
  return JSON.stringify({ format: FINAL, version: 1, ...parts, proof: base64(proof) });
}

/** What a file holds: `file` is `session.json`, `fold` is `fold.json`. */
export type ProofFile =
  | { readonly kind: "chain"; readonly file: string; readonly proofs: Uint8Array[] }
  | {
      readonly kind: "keptFinal";
      readonly file: string;
      readonly fold: string;
      readonly proof: Uint8Array;
    };

/** @throws if it is no such file */
export function parseProofFile(text: string): ProofFile {
  const fields = Fields.of("file", JSON.parse(text));
  const format = fields.oneOf("format", [SEGMENTS, FINAL]);
  fields.integer("version", 1, 1);
  const file = JSON.stringify(fields.object("session").value);
  if (format === FINAL) {
    const fold = JSON.stringify(fields.object("fold").value);
    return { kind: "keptFinal", file, fold, proof: bytesOf(fields.text("proof")) };
  }
  const proofs = fields.get("proofs");
  if (!Array.isArray(proofs) || !proofs.every((proof) => typeof proof === "string"))
    throw fields.wrong("proofs", "texts in base64");
  return { kind: "chain", file, proofs: proofs.map(bytesOf) };
}

function sessionOf(file: SessionFile, segments: number): unknown {
  return JSON.parse(formatSession({ ...file, segments }));
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 2 ** 15)
    text += String.fromCharCode(...bytes.subarray(at, at + 2 ** 15));
  return btoa(text);
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
