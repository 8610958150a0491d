import type { Refusal } from "./refusal.ts";

/** An error as OpenAI's clients read it. */
export function errorBody(
  message: string,
  { type = "invalid_request_error", code = null as string | null, param = null as string | null } = {},
) {
  return { error: { message, type, param, code } };
}

/** A refusal as a response. */
export function refusalResponse(refusal: Refusal): Response {
  const { status, message, code, parameter, retryAfter } = refusal;
  const type = status >= 500 ? "server_error" : "invalid_request_error";
  const headers = new Headers();
  if (retryAfter !== null) headers.set("retry-after", String(retryAfter));
  const body = errorBody(message, { type, code: code.replaceAll("-", "_"), param: parameter });
  return Response.json(body, { status, headers });
}
