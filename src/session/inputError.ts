/**
 * What a caller asked for cannot be done: a bad option, an unreadable file. Its message is one clear
 * line, so the CLI prints it and exits with 2.
 */
export class InputError extends Error {
  /** Tells errors apart. */
  override readonly name = "InputError";
}

/** An `InputError` that says what was expected and what was found. */
export function expected(what: string, wanted: string, found: string): InputError {
  return new InputError(`${what}: expected ${wanted}, found ${found}`);
}

/** Whatever was thrown, as one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replace(/\s*\n\s*/g, " ").trim() || "unknown error";
}
