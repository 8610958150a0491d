import { Fields } from "../client/wire/fields.ts";
import type { TokenEvent } from "../session/events.ts";
import type { RunRequest } from "../session/planSession.ts";

/** What is fixed once the prover is ready. */
export interface RunStart {
  readonly modelId: string;
  readonly promptTokens: readonly number[];
  readonly promptText: string;
  /** `session.json`, without the number of segments. */
  readonly file: string;
}

/** A segment whose proof is on disk. */
export interface SegmentInfo {
  readonly index: number;
  readonly tokens: number;
  readonly proofBytes: number;
  readonly proveMs: number;
  readonly rows: number;
  readonly cells: number;
}

/** How a run ended; a run that was interrupted did not. */
export type RunEnding =
  | { readonly type: "done"; readonly security: number }
  | { readonly type: "cancelled" }
  | { readonly type: "failed"; readonly message: string };

/** `run.json`: all of a run but its proofs, so that a restarted server can serve it and go on with it. */
export interface RunRecord {
  readonly request: RunRequest;
  readonly created: number;
  readonly start: RunStart | null;
  readonly tokens: readonly TokenEvent[];
  readonly segments: readonly SegmentInfo[];
  readonly ending: RunEnding | null;
}

const FORMAT = "starkstream run";
const MOST = 2 ** 31;

export function formatRunRecord(record: RunRecord): string {
  return `${JSON.stringify({ format: FORMAT, version: 1, ...record })}\n`;
}

/** @throws if it is not what `formatRunRecord` writes */
export function parseRunRecord(text: string): RunRecord {
  const fields = Fields.of("run.json", JSON.parse(text));
  fields.oneOf("format", [FORMAT]);
  fields.integer("version", 1, 1);
  const request = fields.object("request");
  return {
    request: {
      prompt: request.text("prompt"),
      tokens: request.integer("tokens", 1, MOST),
      segment: request.integer("segment", 1, MOST),
    },
    created: fields.amount("created"),
    start: fields.has("start") ? readStart(fields.object("start")) : null,
    tokens: list(fields, "tokens", readToken),
    segments: list(fields, "segments", readSegment),
    ending: fields.has("ending") ? readEnding(fields.object("ending")) : null,
  };
}

function list<Item>(fields: Fields, name: string, read: (item: Fields) => Item): Item[] {
  const found = fields.get(name);
  if (!Array.isArray(found)) throw fields.wrong(name, "an array");
  return found.map((item, i) => read(Fields.of(`${fields.path}: ${name} ${i}`, item)));
}

function readStart(fields: Fields): RunStart {
  return {
    modelId: fields.text("modelId"),
    promptTokens: fields.integers("promptTokens", MOST),
    promptText: fields.text("promptText"),
    file: fields.text("file"),
  };
}

function readToken(fields: Fields): TokenEvent {
  const position = fields.integer("position", 0, MOST);
  return { type: "token", position, id: fields.integer("id", 0, MOST), text: fields.text("text") };
}

function readSegment(fields: Fields): SegmentInfo {
  return {
    index: fields.integer("index", 0, MOST),
    tokens: fields.integer("tokens", 0, MOST),
    proofBytes: fields.integer("proofBytes", 0, MOST),
    proveMs: fields.amount("proveMs"),
    rows: fields.integer("rows", 0, MOST),
    cells: fields.integer("cells", 0, MOST),
  };
}

function readEnding(fields: Fields): RunEnding {
  const type = fields.oneOf("type", ["done", "cancelled", "failed"]);
  if (type === "done") return { type, security: fields.amount("security") };
  return type === "failed" ? { type, message: fields.text("message") } : { type };
}
