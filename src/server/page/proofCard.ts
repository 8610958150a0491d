import { button, make, seconds } from "./dom.ts";
import type { Timed } from "./workerVerifier.ts";

type Verdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly check: string; readonly detail: string };

/** What a proof states, and buttons to check it again or to see a changed proof rejected. */
export function proofCard<Name extends "li" | "div">(
  element: Name,
  title: string,
  facts: readonly (readonly [string, Node | string])[],
  proof: Uint8Array,
  verifyMs: number,
  verify: (proof: Uint8Array) => Promise<Timed<Verdict>>,
): HTMLElementTagNameMap[Name] {
  const card = make(element, "card", make("h3", "", title));
  const result = make("p", "result good", `✓ verified in ${seconds(verifyMs)}`);
  result.setAttribute("role", "status");
  const list = make("dl", "");
  for (const [name, value] of facts) list.append(make("dt", "", name), make("dd", "", value));

  const check = async (bytes: Uint8Array, about: string) => {
    result.textContent = "verifying …";
    const { verdict, ms } = await verify(bytes);
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
    "row",
    button("Verify", () => void check(proof, "")),
    button("Tamper", tamper),
  );
  card.append(list, buttons, result);
  return card;
}
