import { timingSafeEqual } from "hono/utils/buffer";

/** A token as it rides in a WebSocket's subprotocols, where a browser can put it: `bearer.` and base64url. */
export function bearerOf(request: Request): string | null {
  const header = request.headers.get("authorization");
  if (header !== null) return /^Bearer +(\S+)$/i.exec(header)?.[1] ?? null;
  const protocols = request.headers.get("sec-websocket-protocol") ?? "";
  const found = /(?:^|[\s,])bearer\.([\w-]+)/.exec(protocols)?.[1];
  if (found === undefined) return null;
  try {
    const text = atob(found.replaceAll("-", "+").replaceAll("_", "/"));
    return new TextDecoder().decode(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  } catch {
    return null;
  }
}

/** Whether the request brings the secret; the time it takes does not tell how much of it was right. */
export async function isAuthorized(request: Request, secret: string | undefined): Promise<boolean> {
  if (secret === undefined) return true;
  const token = bearerOf(request);
  return token !== null && (await timingSafeEqual(token, secret));
}
