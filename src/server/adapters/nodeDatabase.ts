import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Database, Value } from "./database.ts";

/**
 * SQLite, as Bun and Deno have it. The file is this process's own as long as it is open, and survives that
 * the process is killed at any moment.
 *
 * @param path of the file, which is made if there is none; ":memory:" for none
 * @throws if another process has it open
 */
export function nodeDatabase(path: string): Database {
  const database = new DatabaseSync(path);
  // what was written a moment before a power failure may be lost; nothing else may
  database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  const statements = new Map<string, StatementSync>();
  const prepare = (text: string): StatementSync => {
    const known = statements.get(text) ?? database.prepare(text);
    statements.set(text, known);
    return known;
  };
  return {
    execute: (text) => database.exec(text),
    run: (text, ...parameters) => void prepare(text).run(...parameters),
    all: (text, ...parameters) => prepare(text).all(...parameters) as Record<string, Value>[],
    close: () => database.close(),
  };
}
