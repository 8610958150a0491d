/**
 * The few helpers over Web Streams that this package uses, under the names and with the semantics of
 * @std/streams. To use that library instead, map it in deno.json (`"@std/streams": "jsr:@std/streams@1"`)
 * or install it (`npx jsr add @std/streams`), and replace the two lines below by
 *
 * ```ts
 * export { TextLineStream, toTransformStream } from "@std/streams";
 * ```
 *
 * @module
 */
export { TextLineStream } from "./textLineStream.ts";
export { toTransformStream } from "./toTransformStream.ts";
