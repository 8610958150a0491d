import { describe, expect, test } from "bun:test";
import { AirBuilder, type Tensor } from "../../src/air/air.ts";
import { materialize } from "../../src/air/materialize.ts";
import { fromInteger, P, toSigned } from "../../src/field/m31.ts";

describe("materialize", () => {
  const air = new AirBuilder({ t: 2, l: 1, i: 3, o: 2 });
  air.committed("trace", "x", "t l i");
  air.committed("fixed", "w", "l o i");
  air.committed("trace", "s", "t l");
  const product = air.virtual("product", "t l o", [[3, "x t l i", "w l o i"], [-2, "s t l"], [7]]);
  const sum = air.virtual("sum", "t", [[1, "x t l i"]]);
  const moved = air.virtual("moved", "l o", [[1, "w l o i", "w l o i"]]);

  for (const [name, scale] of [
    ["small", 100],
    ["so large that sums pass 2^53", P],
  ] as const)
    test(`${name} values: as the definition says, modulo p`, () => {
      const tables = new Map<Tensor, Float64Array>();
      let state = 12345;
      const random = () => (state = (state * 48271) % P);
      for (const key of ["x", "w", "s"]) {
        const tensor = air.get(key);
        tables.set(
          tensor,
          Float64Array.from({ length: 2 ** tensor.logSize }, () => toSigned(random() % scale)),
        );
      }
      const read = (tensor: Tensor) => tables.get(tensor) as Float64Array;
      const [x, w, s] = ["x", "w", "s"].map((key) => [...read(air.get(key))].map((v) => BigInt(v)));
      const at = (values: Float64Array, k: number) => fromInteger(values[k]);
      const mod = (n: bigint) => Number(((n % BigInt(P)) + BigInt(P)) % BigInt(P));
      for (let t = 0; t < 4; t++)
        for (let l = 0; l < 2; l++)
          for (let o = 0; o < 4; o++) {
            let acc = -2n * s[t * 2 + l] + 7n;
            for (let i = 0; i < 8; i++) acc += 3n * x[(t * 2 + l) * 8 + i] * w[(l * 4 + o) * 8 + i];
            expect(at(materialize(product, read), (t * 2 + l) * 4 + o)).toBe(mod(acc));
          }
      const total = x.slice(16, 32).reduce((a, b) => a + b, 0n);
      expect(at(materialize(sum, read), 1)).toBe(mod(total));
      const squares = w.slice(8, 16).reduce((a, b) => a + b * b, 0n);
      expect(at(materialize(moved, read), 1)).toBe(mod(squares));
    });
});
