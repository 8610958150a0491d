import { lessThan } from "../../air/publics.ts";
import { type CircuitBuilder, UNIT, wireOf } from "./circuitBuilder.ts";
import type { BitCells, Wire, WordCell } from "./wire.ts";

/** A word below a power of two. */
export interface NumberWires {
  readonly word: WordCell;
  /** Lowest first. */
  readonly bits: BitCells;
  readonly value: Wire;
}

/** Small integers in a circuit: everything here is exact because its operands have few bits. */
export class IntegerWires {
  constructor(readonly builder: CircuitBuilder) {}

  /** The word, which must be below 2^log, log ≤ 30. */
  number(word: WordCell, log: number, check: string): NumberWires {
    const all = this.builder.bits(word);
    this.builder.expectZero(this.sum(all.slice(log)), check);
    const bits = all.slice(0, log);
    return { word, bits, value: this.value(bits) };
  }

  /** Σ 2^k·bit_k. */
  value(bits: BitCells): Wire {
    const { builder } = this;
    return bits.reduceRight(
      (sum, bit) => builder.add(builder.scale(sum, 2), wireOf(bit)),
      builder.constant(0),
    );
  }

  /** How many of the bits are 1. */
  sum(bits: BitCells): Wire {
    return bits.reduce((sum, bit) => this.builder.add(sum, wireOf(bit)), this.builder.constant(0));
  }

  /** A bit that nothing else defines. */
  freeBit(value: boolean): Wire {
    const { builder } = this;
    const bit = builder.freeElement([Number(value), 0, 0, 0, 0]);
    builder.expectZero(builder.mul(bit, this.not(bit)), "bit");
    return bit;
  }

  not(bit: Wire): Wire {
    return this.builder.sub(UNIT, bit);
  }

  /** [number < limit], limit ≥ 1. */
  isBelow(bits: BitCells, limit: number): Wire {
    if (limit >= 2 ** bits.length) return UNIT;
    const { builder } = this;
    const point = [...bits].reverse().map(wireOf);
    const digits = point.map((_, k) => builder.constant(Math.floor(limit / 2 ** (point.length - 1 - k)) % 2));
    return lessThan(builder, digits, point);
  }

  expectBelow({ bits }: NumberWires, limit: number, check: string): void {
    if (limit < 2 ** bits.length) this.builder.expectZero(this.not(this.isBelow(bits, limit)), check);
  }

  /** [a ≥ b] of integers below 2^log: the top bit of a − b + 2^log. */
  atLeast(a: Wire, b: Wire, log: number): Wire {
    const { builder } = this;
    const difference = builder.add(builder.sub(a, b), builder.constant(2 ** log));
    const word = builder.freeWord(builder.valueOf(difference)[0]);
    const number = this.number(word, log + 1, "comparison");
    builder.expectZero(builder.sub(number.value, difference), "comparison");
    return wireOf(number.bits[log]);
  }
}
