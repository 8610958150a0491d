/**
 * The helpers over Web Streams that are not in the platform, under the names and with the semantics of
 * @std/streams. To use that library instead, map it in deno.json (`"@std/streams": "jsr:@std/streams@1"`)
 * or install it (`npx jsr add @std/streams`), and replace the line below by
 *
 * ```ts
 * export { TextLineStream } from "@std/streams";
 * ```
 *
 * @module
 */
export { TextLineStream } from "./textLineStream.ts";
