import { P } from "../field/m31.ts";
import { extendTokenDigest } from "./boundary.ts";
import {
  type Boundary,
  type Commitment,
  NO_TOKEN,
  type SegmentStatement,
  type Session,
} from "./statement.ts";

/** What is wrong with a statement, or null: everything about it that does not need the proof. */
export function checkStatement(
  session: Session,
  { boundaryIn, boundaryOut, tokens }: SegmentStatement,
): { check: string; detail: string } | null {
  const rows = 2 ** session.logSegment;
  const { capacity, vocab } = session.description.config;
  const fail = (check: string, expected: string, found: unknown) => ({
    check: `statement/${check}`,
    detail: `expected ${expected}, found ${found}`,
  });

  // A boundary inside a segment is terminal: nothing continues from it.
  if (boundaryIn.position % rows !== 0)
    return fail(
      "incoming position",
      `a multiple of ${rows} (a shortened segment is a run's last)`,
      boundaryIn.position,
    );
  if (boundaryIn.position + rows > capacity)
    return fail("capacity", `position + ${rows} ≤ ${capacity}`, boundaryIn.position);
  if (tokens.length < 1 || tokens.length > rows) return fail("rows", `1 to ${rows} tokens`, tokens.length);
  const foreign = tokens.find((token) => token >= vocab);
  if (foreign !== undefined) return fail("token", `tokens below ${vocab}`, foreign);
  if (boundaryOut.position !== boundaryIn.position + tokens.length)
    return fail("outgoing position", `${boundaryIn.position + tokens.length}`, boundaryOut.position);

  for (const [name, boundary] of [
    ["incoming", boundaryIn],
    ["outgoing", boundaryOut],
  ] as const) {
    const wrong = pendingProblem(session, boundary) ?? commitmentProblem(boundary.context);
    if (wrong) return fail(`${name} ${wrong.what}`, wrong.expected, wrong.found);
  }
  if (boundaryIn.pendingToken !== NO_TOKEN && tokens[0] !== boundaryIn.pendingToken)
    return fail(
      "pending token",
      `the first token to be the pending one, ${boundaryIn.pendingToken}`,
      tokens[0],
    );
  const digest = extendTokenDigest(session, boundaryIn.tokenDigest, tokens);
  if (digest.some((word, k) => word !== boundaryOut.tokenDigest[k]))
    return fail("token digest", "the digest of the tokens", "another");
  return null;
}

/** From position promptLength on the next token is the model's choice, before it is the prompt's. */
function pendingProblem({ promptLength, description }: Session, { position, pendingToken }: Boundary) {
  const isGenerated = position >= promptLength;
  const isChoice = pendingToken < description.config.vocab;
  if (isGenerated ? isChoice : pendingToken === NO_TOKEN) return null;
  const expected = isGenerated
    ? `a token below ${description.config.vocab}`
    : "no token while the prompt lasts";
  return { what: "pending token", expected, found: pendingToken };
}

function commitmentProblem({ value }: Commitment) {
  const word = value.find((coordinate) => coordinate >= P);
  return word === undefined
    ? null
    : { what: "context value", expected: `coordinates below ${P}`, found: word };
}
