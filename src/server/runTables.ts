import type { TokenEvent } from "../session/events.ts";
import type { Database, Value } from "./adapters/database.ts";
import type { FinalInfo, KeptRequest, RunEnding, RunRecord, RunStart, SegmentInfo } from "./runRecord.ts";

const VERSION = 1;
const SCHEMA = `
  CREATE TABLE session (
    id TEXT PRIMARY KEY, created REAL NOT NULL,
    prompt TEXT NOT NULL, tokens INTEGER NOT NULL, segment INTEGER NOT NULL,
    folded INTEGER NOT NULL, start TEXT, ending TEXT, final TEXT
  ) STRICT;
  CREATE TABLE token (
    session TEXT NOT NULL, position INTEGER NOT NULL, id INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (session, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE segment (
    session TEXT NOT NULL, number INTEGER NOT NULL, tokens INTEGER NOT NULL, proof_bytes INTEGER NOT NULL,
    prove_ms REAL NOT NULL, live_rows INTEGER NOT NULL, cells INTEGER NOT NULL,
    PRIMARY KEY (session, number)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${VERSION};
`;

/** The sessions that a server keeps, in its database; proofs are files. */
export class RunTables {
  /** @throws if the database is of another version */
  constructor(readonly database: Database) {
    const [row] = database.all("PRAGMA user_version");
    const found = row?.user_version;
    if (found === 0) database.execute(`BEGIN; ${SCHEMA} COMMIT;`);
    else if (found !== VERSION)
      throw new Error(`session database: expected version ${VERSION}, found ${found}`);
  }

  insert(id: string, created: number, { prompt, tokens, segment, final }: KeptRequest): void {
    this.database.run(
      "INSERT INTO session (id, created, prompt, tokens, segment, folded) VALUES (?, ?, ?, ?, ?, ?)",
      ...[id, created, prompt, tokens, segment, Number(final)],
    );
  }

  setStart(id: string, start: RunStart): void {
    this.database.run("UPDATE session SET start = ? WHERE id = ?", JSON.stringify(start), id);
  }

  setEnding(id: string, ending: RunEnding): void {
    this.database.run("UPDATE session SET ending = ? WHERE id = ?", JSON.stringify(ending), id);
  }

  setFinal(id: string, final: FinalInfo): void {
    this.database.run("UPDATE session SET final = ? WHERE id = ?", JSON.stringify(final), id);
  }

  /** Nobody waits for its final proof any more. */
  dropFinal(id: string): void {
    this.database.run("UPDATE session SET folded = 0 WHERE id = ?", id);
  }

  /** The sessions whose segments are all proven and not all folded, the oldest first. */
  unfolded(): string[] {
    const rows = this.database.all(
      "SELECT id FROM session WHERE folded = 1 AND final IS NULL AND ending ->> 'type' = 'done' ORDER BY created",
    );
    return rows.map(({ id }) => String(id));
  }

  addToken(session: string, { position, id, text }: TokenEvent): void {
    this.database.run("INSERT INTO token VALUES (?, ?, ?, ?)", session, position, id, text);
  }

  addSegment(session: string, info: SegmentInfo): void {
    const { index, tokens, proofBytes, proveMs, rows, cells } = info;
    this.database.run(
      "INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, ?)",
      ...[session, index, tokens, proofBytes, proveMs, rows, cells],
    );
  }

  /** Forgets the segments from this one on. */
  dropSegments(session: string, from: number): void {
    this.database.run("DELETE FROM segment WHERE session = ? AND number >= ?", session, from);
  }

  read(id: string): RunRecord | null {
    const [row] = this.database.all("SELECT * FROM session WHERE id = ?", id);
    if (!row) return null;
    const { created, prompt, tokens, segment, folded, start, ending, final } = row;
    return {
      request: {
        prompt: String(prompt),
        tokens: Number(tokens),
        segment: Number(segment),
        final: folded === 1,
      },
      created: Number(created),
      start: parsed<RunStart>(start),
      tokens: this.database
        .all("SELECT position, id, text FROM token WHERE session = ? ORDER BY position", id)
        .map((token) => ({
          type: "token" as const,
          position: Number(token.position),
          id: Number(token.id),
          text: String(token.text),
        })),
      segments: this.database
        .all("SELECT * FROM segment WHERE session = ? ORDER BY number", id)
        .map((info) => ({
          index: Number(info.number),
          tokens: Number(info.tokens),
          proofBytes: Number(info.proof_bytes),
          proveMs: Number(info.prove_ms),
          rows: Number(info.live_rows),
          cells: Number(info.cells),
        })),
      ending: parsed<RunEnding>(ending),
      final: parsed<FinalInfo>(final),
    };
  }
}

/** What `JSON.stringify` wrote here. */
function parsed<Kind>(text: Value | undefined): Kind | null {
  return typeof text === "string" ? (JSON.parse(text) as Kind) : null;
}
