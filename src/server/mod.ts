/**
 * The server: streams tokens and their proofs over WebSocket, and answers OpenAI's clients. `serveBun` or
 * `serveDeno` of the adapters makes it listen.
 *
 * @module
 */
export { createServer, type Server } from "./createServer.ts";
export type { Listening, ListenOptions } from "./adapters/listening.ts";
export type { ServerOptions } from "./options.ts";
export { serveBun } from "./adapters/bun.ts";
export { serveDeno } from "./adapters/deno.ts";
