import { Fields } from "../../client/wire/fields.ts";
import { formatSession, type SessionFile } from "../../session/sessionFile.ts";

const FORMAT = "starkstream proofs";

/** A session and its proofs in one file, to keep and to drop back. */
export function formatProofFile(file: SessionFile, proofs: readonly Uint8Array[]): string {
  const session = JSON.parse(formatSession({ ...file, segments: proofs.length }));
  return JSON.stringify({ format: FORMAT, version: 1, session, proofs: proofs.map(base64) });
}

/** @throws if it is no such file */
export function parseProofFile(text: string): { readonly file: string; readonly proofs: Uint8Array[] } {
  const fields = Fields.of("file", JSON.parse(text));
  fields.oneOf("format", [FORMAT]);
  fields.integer("version", 1, 1);
  const proofs = fields.get("proofs");
  if (!Array.isArray(proofs) || !proofs.every((proof) => typeof proof === "string"))
    throw fields.wrong("proofs", "texts in base64");
  const bytes = proofs.map((proof) => Uint8Array.from(atob(proof), (character) => character.charCodeAt(0)));
  return { file: JSON.stringify(fields.object("session").value), proofs: bytes };
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 2 ** 15)
    text += String.fromCharCode(...bytes.subarray(at, at + 2 ** 15));
  return btoa(text);
}
