/**
 * What a verifier says of any proof: accepted, or the check that failed and how.
 *
 * @internal
 */
export type Verdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly check: string; readonly detail: string };
