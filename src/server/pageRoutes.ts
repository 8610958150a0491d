import { Hono } from "hono";
import { PAGE_FILES } from "./page/pageFiles.generated.ts";

const TYPES = {
  "index.html": "text/html",
  "page.css": "text/css",
  "page.js": "text/javascript",
  "verify.js": "text/javascript",
} as const satisfies Record<keyof typeof PAGE_FILES, string>;

/** The page at `/` and what it loads. */
export function pageRoutes(): Hono {
  const app = new Hono();
  for (const name of Object.keys(TYPES) as (keyof typeof TYPES)[]) {
    app.get(name === "index.html" ? "/" : `/${name}`, ({ body }) =>
      body(PAGE_FILES[name], 200, {
        "content-type": `${TYPES[name]}; charset=utf-8`,
        "cache-control": "no-cache",
      }),
    );
  }
  return app;
}
