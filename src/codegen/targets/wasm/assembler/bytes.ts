/** Bytes in the making: whole numbers as LEB128, floats little-endian. */
export class Bytes {
  #data = new Uint8Array(256);
  #view = new DataView(this.#data.buffer);
  #length = 0;

  byte(value: number): void {
    this.#room(1);
    this.#data[this.#length++] = value;
  }

  append(bytes: ArrayLike<number>): void {
    this.#room(bytes.length);
    this.#data.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** An unsigned number below 2^32. */
  unsigned(value: number): void {
    this.#room(5);
    let rest = value >>> 0;
    for (; rest > 0x7f; rest >>>= 7) this.#data[this.#length++] = (rest & 0x7f) | 0x80;
    this.#data[this.#length++] = rest;
  }

  /** A whole number of 32 bits with its sign. */
  signed(value: number): void {
    this.#room(5);
    let rest = value | 0;
    for (; rest > 63 || rest < -64; rest >>= 7) this.#data[this.#length++] = (rest & 0x7f) | 0x80;
    this.#data[this.#length++] = rest & 0x7f;
  }

  /** A whole number of 64 bits with its sign. */
  signedLong(value: bigint): void {
    this.#room(10);
    let rest = value;
    for (; rest > 63n || rest < -64n; rest >>= 7n) this.#data[this.#length++] = Number(rest & 0x7fn) | 0x80;
    this.#data[this.#length++] = Number(rest & 0x7fn);
  }

  float32(value: number): void {
    this.#room(4);
    this.#view.setFloat32(this.#length, value, true);
    this.#length += 4;
  }

  float64(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  bits64(value: bigint): void {
    this.#room(8);
    this.#view.setBigUint64(this.#length, value, true);
    this.#length += 8;
  }

  /** How many bytes `write` adds, then these. */
  sized(write: (content: Bytes) => void): void {
    const content = new Bytes();
    write(content);
    this.unsigned(content.#length);
    this.append(content.done());
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.#data.subarray(0, this.#length);
  }

  #room(more: number): void {
    if (this.#length + more <= this.#data.length) return;
    const larger = new Uint8Array(2 * (this.#length + more));
    larger.set(this.#data);
    this.#data = larger;
    this.#view = new DataView(larger.buffer);
  }
}
