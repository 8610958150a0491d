import type { FoldRunEvent, SessionEvent } from "../session/events.ts";

/** What `session.json`, `fold.json` and the proofs' files hold. */
const ELSEWHERE = ["proof", "session", "key", "consumed"];

/** An event as a line of JSON. */
export function eventLine(event: SessionEvent | FoldRunEvent): string {
  return `${JSON.stringify(event, (key, value) => (ELSEWHERE.includes(key) ? undefined : value))}
`;
}
