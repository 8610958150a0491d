/** A frame that no honest peer sends; its message says what was expected and what was found. */
export class WireError extends Error {
  /** Tells errors apart. */
  override readonly name = "WireError";
}
