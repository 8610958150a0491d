export * from "./vectors";
export * from "./sumcheck";
export * from "./code";
export * from "./contract";
export * from "./blake3";
