/** The WebAssembly instructions ntkc emits: their bytes and what follows them. Names are those of the text format. */

/** What an instruction carries after its opcode. */
export type Immediate =
  | 'none'
  | 'index'
  | 'block'
  | 'memory'
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64'
  | 'v128'
  | 'lane'
  | 'lanes16';

interface Opcode {
  readonly bytes: readonly number[];
  readonly immediate: Immediate;
  /** Natural alignment of a memory access, as a power of two. */
  readonly align: number;
}

/** LEB128 of a code. */
function unsigned(value: number): readonly number[] {
  const out: number[] = [];
  let rest = value >>> 0;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    out.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return out;
}

const one = (code: number, immediate: Immediate = 'none', align = 0): Opcode => ({ bytes: [code], immediate, align });
const simd = (code: number, immediate: Immediate = 'none', align = 0): Opcode => ({
  bytes: [0xfd, ...unsigned(code)],
  immediate,
  align,
});
const atomic = (code: number): Opcode => ({ bytes: [0xfe, code], immediate: 'memory', align: 2 });

const control = {
  unreachable: one(0x00),
  block: one(0x02, 'block'),
  loop: one(0x03, 'block'),
  if: one(0x04, 'block'),
  else: one(0x05),
  end: one(0x0b),
  br: one(0x0c, 'index'),
  br_if: one(0x0d, 'index'),
  return: one(0x0f),
  call: one(0x10, 'index'),
  drop: one(0x1a),
  select: one(0x1b),
  'local.get': one(0x20, 'index'),
  'local.set': one(0x21, 'index'),
  'local.tee': one(0x22, 'index'),
} as const;

const memory = {
  'i32.load': one(0x28, 'memory', 2),
  'f32.load': one(0x2a, 'memory', 2),
  'f64.load': one(0x2b, 'memory', 3),
  'i32.store': one(0x36, 'memory', 2),
  'f32.store': one(0x38, 'memory', 2),
  'f64.store': one(0x39, 'memory', 3),
  'i32.atomic.load': atomic(0x10),
  'i32.atomic.store': atomic(0x17),
  'i32.atomic.rmw.add': atomic(0x1e),
} as const;

const scalar = {
  'i32.const': one(0x41, 'i32'),
  'i64.const': one(0x42, 'i64'),
  'f32.const': one(0x43, 'f32'),
  'f64.const': one(0x44, 'f64'),
  'i32.eqz': one(0x45),
  'i32.eq': one(0x46),
  'i32.lt_s': one(0x48),
  'i32.lt_u': one(0x49),
  'i32.gt_s': one(0x4a),
  'i32.ge_s': one(0x4e),
  'i32.add': one(0x6a),
  'i32.sub': one(0x6b),
  'i32.mul': one(0x6c),
  'i32.and': one(0x71),
  'i32.shl': one(0x74),
  'i32.shr_s': one(0x75),
  'f64.abs': one(0x99),
  'f64.sqrt': one(0x9f),
  'f64.add': one(0xa0),
  'f64.sub': one(0xa1),
  'f64.mul': one(0xa2),
  'f64.div': one(0xa3),
  'f64.max': one(0xa5),
  'i32.trunc_sat_f64_s': { bytes: [0xfc, 0x02], immediate: 'none', align: 0 },
} as const;

const vector = {
  'v128.load': simd(0, 'memory', 4),
  'v128.load32_splat': simd(9, 'memory', 2),
  'v128.load64_splat': simd(10, 'memory', 3),
  'v128.store': simd(11, 'memory', 4),
  'v128.const': simd(12, 'v128'),
  'i8x16.shuffle': simd(13, 'lanes16'),
  'f32x4.splat': simd(19),
  'f64x2.splat': simd(20),
  'f32x4.extract_lane': simd(31, 'lane'),
  'f64x2.extract_lane': simd(33, 'lane'),
  'f32x4.eq': simd(65),
  'f32x4.lt': simd(67),
  'f32x4.le': simd(69),
  'f64x2.eq': simd(71),
  'f64x2.lt': simd(73),
  'f64x2.le': simd(75),
  'v128.not': simd(77),
  'v128.and': simd(78),
  'v128.andnot': simd(79),
  'v128.or': simd(80),
  'v128.xor': simd(81),
  'v128.bitselect': simd(82),
  'v128.any_true': simd(83),
  'f32x4.nearest': simd(106),
  'f64x2.nearest': simd(148),
  'f64x2.promote_low_f32x4': simd(95),
  'i32x4.shl': simd(171),
  'i32x4.shr_u': simd(173),
  'i32x4.add': simd(174),
  'i64x2.shl': simd(203),
  'i64x2.shr_u': simd(205),
  'i64x2.add': simd(206),
  'i64x2.sub': simd(209),
  'f32x4.abs': simd(224),
  'f32x4.neg': simd(225),
  'f32x4.sqrt': simd(227),
  'f32x4.add': simd(228),
  'f32x4.sub': simd(229),
  'f32x4.mul': simd(230),
  'f32x4.div': simd(231),
  'f32x4.pmin': simd(234),
  'f32x4.pmax': simd(235),
  'f64x2.abs': simd(236),
  'f64x2.neg': simd(237),
  'f64x2.sqrt': simd(239),
  'f64x2.add': simd(240),
  'f64x2.sub': simd(241),
  'f64x2.mul': simd(242),
  'f64x2.div': simd(243),
  'f64x2.pmin': simd(246),
  'f64x2.pmax': simd(247),
  'f32x4.relaxed_madd': simd(0x105),
  'f32x4.relaxed_nmadd': simd(0x106),
  'f64x2.relaxed_madd': simd(0x107),
  'f64x2.relaxed_nmadd': simd(0x108),
  'i32x4.relaxed_laneselect': simd(0x10b),
  'i64x2.relaxed_laneselect': simd(0x10c),
} as const;

const table = { ...control, ...memory, ...scalar, ...vector } as const;
export type OpName = keyof typeof table;
export const opcodes: Readonly<Record<OpName, Opcode>> = table;
