import { Hono } from "hono";

/** The page at `/`. */
export function pageRoutes(): Hono {
  return new Hono();
}
