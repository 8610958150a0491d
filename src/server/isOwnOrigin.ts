/**
 * Whether a request comes from a page of this server, from one of the origins that were allowed, or from no
 * page at all. Browsers ask nobody before they open a socket or post a form, but they say whose page it is.
 */
export function isOwnOrigin(request: Request, others: readonly string[]): boolean {
  const origin = request.headers.get("origin");
  if (origin === null || others.includes(origin)) return true;
  const host = request.headers.get("host") ?? new URL(request.url).host;
  return URL.canParse(origin) && new URL(origin).host === host;
}
