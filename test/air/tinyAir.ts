import { AirBuilder, type Tensor } from "../../src/air/air.ts";
import { constantTensor, counter, isZero } from "../../src/air/publics.ts";

/** A small air with every kind of term: matrix product, eq sums, lone sums, broadcast, constant, shift. */
export function tinyAir(): AirBuilder {
  const air = new AirBuilder({ t: 2, l: 1, i: 3, o: 2, x8: 8 });
  air.committed("fixed", "w", "l o i");
  air.committed("fixed", "square", "x8");
  air.committed("trace", "x", "t l i");
  air.committed("trace", "y", "t l o");
  air.committed("trace", "s", "t l");
  air.public("next", "l l", constantTensor([0, 1, 0, 0]));
  air.public("bias", "o", counter(2, 5));
  air.public("id8", "x8", counter(8));
  air.public("first", "x8", isZero(8));
  air.virtual("acc", "t l o", [[1, "x t l i", "w l o i"], [2, "bias o"], [-3]]);
  air.virtual("carried", "t l o", [
    [1, "next l' l", "y t l' o"],
    [1, "acc t l o"],
  ]);
  air.relation("y is carried + acc²·2", "t l o", [
    [1, "y t l o"],
    [-1, "carried t l o"],
    [-2, "acc t l o", "acc t l o"],
  ]);
  air.relation("s sums", "t l", [
    [1, "s t l"],
    [-1, "x t l i"],
    [-1, "x t l i", "x t l i"],
  ]);
  air.table("trace", "square", ["id8", "square"]);
  air.table("trace", "id", ["id8"]);
  air.virtual("xSquared", "t l i", [[1, "x t l i", "x t l i"]]);
  air.lookup("x squares", "square", ["x", "xSquared"]);
  air.lookup("x range", "id", ["x"]);
  return air;
}

/** An honest witness: committed tensors as signed integers. */
export function tinyWitness(air: AirBuilder): Map<Tensor, Float64Array> {
  const table = new Map<Tensor, Float64Array>();
  const set = (name: string, f: (i: number) => number) => {
    const tensor = air.get(name);
    const values = Float64Array.from({ length: 2 ** tensor.logSize }, (_, i) => f(i));
    table.set(tensor, values);
    return values;
  };
  const w = set("w", (i) => ((i * 7) % 11) - 5);
  set("square", (i) => i * i);
  const x = set("x", (i) => (i * 5) % 13);
  const y = set("y", () => 0);
  for (let t = 0; t < 4; t++)
    for (let l = 0; l < 2; l++)
      for (let o = 0; o < 4; o++) {
        let acc = 2 * (o + 5) - 3;
        for (let i = 0; i < 8; i++)
          acc += (x[(t * 2 + l) * 8 + i] as number) * (w[(l * 4 + o) * 8 + i] as number);
        const carried = (l === 1 ? (y[t * 8 + o] as number) : 0) + acc;
        y[(t * 2 + l) * 4 + o] = carried + 2 * acc * acc;
      }
  set("s", (k) => {
    let sum = 0;
    for (let i = 0; i < 8; i++) sum += (x[k * 8 + i] as number) * ((x[k * 8 + i] as number) + 1);
    return sum;
  });
  const counts = new Float64Array(256);
  for (const v of x) counts[v] = (counts[v] as number) + 1;
  set("square.multiplicity", (i) => counts[i] as number);
  set("id.multiplicity", (i) => counts[i] as number);
  return table;
}
