import { describe, expect, test } from "bun:test";
import { AirBuilder, type Tensor } from "../../src/air/air.ts";
import { materialize } from "../../src/air/materialize.ts";
import { P } from "../../src/field/m31.ts";
import { createKernels } from "../../src/kernels/createKernels.ts";

describe("materialize", () => {
  const air = new AirBuilder({ t: 2, l: 1, i: 3, o: 2 });
  air.committed("trace", "x", "t l i");
  air.committed("fixed", "w", "l o i");
  air.committed("trace", "s", "t l");
  const product = air.virtual("product", "t l o", [[3, "x t l i", "w l o i"], [-2, "s t l"], [7]]);
  const sum = air.virtual("sum", "t", [[1, "x t l i"]]);
  const squares = air.virtual("squares", "l o", [[1, "w l o i", "w l o i"]]);

  for (const scalar of [true, false])
    test(`${scalar ? "scalar" : "wasm"} kernels: as the definition says, modulo p`, () => {
      const prover = createKernels({ scalar });
      const { arena } = prover;
      const tables = new Map<Tensor, number>();
      let state = 12345;
      for (const name of ["x", "w", "s"]) {
        const size = 2 ** air.get(name).logSize;
        const ptr = arena.alloc(size);
        const words = arena.u32(ptr, size);
        for (let k = 0; k < size; k++) words[k] = state = (state * 48271) % P;
        tables.set(air.get(name), ptr);
      }
      const read = (tensor: Tensor) => tables.get(tensor) as number;
      const [x, w, s] = ["x", "w", "s"].map((name) =>
        [...arena.u32(read(air.get(name)), 2 ** air.get(name).logSize)].map(BigInt),
      );
      const cells = (tensor: Tensor) => [
        ...arena.u32(materialize(prover, tensor, read), 2 ** tensor.logSize),
      ];
      const mod = (n: bigint) => Number(((n % BigInt(P)) + BigInt(P)) % BigInt(P));
      const range = (n: number) => Array.from({ length: n }, (_, k) => k);
      const total = (terms: bigint[]) => terms.reduce((a, b) => a + b, 0n);

      expect(cells(product)).toEqual(
        range(32).map((k) => {
          const [tl, l, o] = [k >> 2, (k >> 2) & 1, k & 3];
          return mod(
            3n * total(range(8).map((i) => x[tl * 8 + i] * w[(l * 4 + o) * 8 + i])) - 2n * s[tl] + 7n,
          );
        }),
      );
      expect(cells(sum)).toEqual(range(4).map((t) => mod(total(x.slice(16 * t, 16 * t + 16)))));
      expect(cells(squares)).toEqual(
        range(8).map((k) => mod(total(w.slice(8 * k, 8 * k + 8).map((v) => v * v)))),
      );
    });
});
