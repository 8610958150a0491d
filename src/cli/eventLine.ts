import type { FoldRunEvent, SessionEvent } from "../session/events.ts";

/** An event as a line of JSON; without the proofs and what `session.json` and `fold.json` hold. */
export function eventLine(event: SessionEvent | FoldRunEvent): string {
  const line = JSON.stringify(event, (key, value) =>
    key === "proof" || key === "session" || key === "key" || (key === "tokens" && Array.isArray(value))
      ? undefined
      : value,
  );
  return `${line}\n`;
}
