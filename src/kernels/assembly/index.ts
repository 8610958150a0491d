export * from "./blake3";
export * from "./code";
export * from "./contract";
export * from "./fraction";
export * from "./gather";
export { multiplyAdd } from "./multiplyAdd";
export { eqProductRound, productRound } from "./sumcheck";
export { useScratch } from "./stage";
export * from "./vectors";
