import type { SegmentVerified } from "../../client/clientEvents.ts";
import type { Session } from "../../segment/statement.ts";
import { button, kib, make, seconds } from "./dom.ts";
import type { WorkerVerifier } from "./workerVerifier.ts";

/** One proven segment: what it states, and buttons to check it again or to see a changed proof rejected. */
export function segmentCard(
  event: SegmentVerified,
  session: Session,
  verifier: WorkerVerifier,
): HTMLLIElement {
  const { index, proof, rows, proveMs, verifyMs, boundaryIn, boundaryOut, statement } = event;
  const card = make("li", "card", make("h3", "", `Segment ${index}`));
  const result = make("p", "result good", `✓ verified in ${seconds(verifyMs)}`);
  result.setAttribute("role", "status");
  const digest = (text: string) => {
    const code = make("code", "", `${text.slice(0, 16)}…`);
    code.title = text;
    return code;
  };
  const first = statement.boundaryIn.position;
  const facts: [string, Node | string][] = [
    ["from", digest(boundaryIn)],
    ["to", digest(boundaryOut)],
    ["rows", `${rows} (positions ${first} to ${first + statement.tokens.length - 1})`],
    ["proof", `${kib(proof.length)}, proven in ${seconds(proveMs)}`],
  ];
  const list = make("dl", "");
  for (const [name, value] of facts) list.append(make("dt", "", name), make("dd", "", value));

  const check = async (bytes: Uint8Array, about: string) => {
    result.textContent = "verifying …";
    const { verdict, ms } = await verifier.segment(session, bytes, statement.boundaryIn);
    card.classList.toggle("wrong", !verdict.ok);
    result.className = `result ${verdict.ok ? "good" : "bad"}`;
    result.textContent = verdict.ok
      ? `✓ verified in ${seconds(ms)}`
      : `✗ ${about}rejected: ${verdict.check}: ${verdict.detail}`;
  };
  const tamper = () => {
    const bytes = proof.slice();
    const at = Math.floor(Math.random() * bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << Math.floor(Math.random() * 8));
    void check(bytes, `one bit of byte ${at} flipped: `);
  };
  const buttons = make(
    "div",
    "",
    button("Verify", () => void check(proof, "")),
    " ",
    button("Tamper", tamper),
  );
  card.append(list, buttons, result);
  return card;
}
