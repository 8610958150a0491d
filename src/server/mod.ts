/**
 * The server: streams tokens and their proofs over WebSocket, and answers OpenAI's clients. `serveBun` or
 * `serveDeno` of the adapters makes it listen.
 *
 * @module
 */
export { createServer, type Server, type Socket } from "./createServer.ts";
export type { Listening, ListenOptions } from "./adapters/listening.ts";
export type { ServerOptions } from "./options.ts";
export { serveBun } from "./adapters/bun.ts";
export { serveDeno } from "./adapters/deno.ts";
export { nodeDatabase } from "./adapters/nodeDatabase.ts";
export type { Database, Value } from "./adapters/database.ts";
export type { IntegerModel } from "../model/integerModel.ts";
export type { Tokenizer } from "../model/tokenizer.ts";
export type { FileSystem } from "../session/adapters/fileSystem.ts";
export type { OpenProver } from "../session/sessionProver.ts";
export type { Profile } from "../whir/profile.ts";
export type { Link } from "./socketSession.ts";
