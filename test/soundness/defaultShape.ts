import type { ArgumentShape } from "../../src/soundness/soundness.ts";
import type { OracleSpec } from "../../src/whir/whirShape.ts";

/** The shape of the model that comes with the package: two contexts and the fixed data. */
export function defaultOracles(logTrace: number): OracleSpec[] {
  return [
    { name: "trace", kind: "trace", logSize: logTrace },
    { name: "contextIn", kind: "context", logSize: 17 },
    { name: "contextOut", kind: "context", logSize: 17 },
    { name: "fixed", kind: "fixed", logSize: 20 },
  ];
}

export const defaultArgument: ArgumentShape = {
  lookupLogLeaves: 21,
  lookupLayers: 19,
  lookupTrees: 5,
  maxTupleArity: 4,
  lookupGrinding: 0,
  relations: 8,
  relationVariables: 17,
  batched: 4,
  sumcheckRounds: 364,
  claims: 229,
};
