import { sub } from "../../field/m31.ts";
import { domainGenerator } from "../../poly/lineDomain.ts";
import { type CircuitBuilder, wireOf } from "./circuitBuilder.ts";
import type { BitCells, Wire } from "./wire.ts";

/**
 * The x-coordinate of D_log at an index given by its bits: a product of circle points, one per set bit.
 * Mirror: `lineDomainPoint`.
 */
export function domainPointWire(builder: CircuitBuilder, index: BitCells, log: number): Wire {
  const [startX, startY] = domainGenerator(log + 2);
  let x = builder.constant(startX);
  let y = builder.constant(startY);
  for (let b = 0; b < log; b++) {
    const [gx, gy] = domainGenerator(b + 1);
    const bit = wireOf(index[b]);
    // (x, y)·(gx, gy) − (x, y), added if the bit is set
    const dx = builder.sub(builder.scale(x, sub(gx, 1)), builder.scale(y, gy));
    const dy = builder.add(builder.scale(x, gy), builder.scale(y, sub(gx, 1)));
    const nextX = builder.add(x, builder.mul(bit, dx));
    y = builder.add(y, builder.mul(bit, dy));
    x = nextX;
  }
  return x;
}
