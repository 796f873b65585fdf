'use strict';

// MurmurHash3: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp

const MASK = (1n << 64n) - 1n;
const FIRST_FACTOR = 0x87c37b91114253d5n;
const SECOND_FACTOR = 0x4cf5ad432745937fn;

const rotate = (value, bits) => ((value << bits) | (value >> (64n - bits))) & MASK;

function mix(value, first, bits, second) {
  return (rotate((value * first) & MASK, bits) * second) & MASK;
}

function finish(value) {
  let result = value;
  result = ((result ^ (result >> 33n)) * 0xff51afd7ed558ccdn) & MASK;
  result = ((result ^ (result >> 33n)) * 0xc4ceb9fe1a85ec53n) & MASK;
  return result ^ (result >> 33n);
}

/** The hash of 128 bits for x64, its highest byte first. */
function hash128(bytes) {
  const padded = Buffer.alloc(Math.ceil(bytes.length / 16) * 16);
  bytes.copy(padded);
  const whole = bytes.length - (bytes.length % 16);
  let low = 0n;
  let high = 0n;
  for (let at = 0; at < padded.length; at += 16) {
    low ^= mix(padded.readBigUInt64LE(at), FIRST_FACTOR, 31n, SECOND_FACTOR);
    if (at < whole) {
      low = ((((rotate(low, 27n) + high) & MASK) * 5n) + 0x52dce729n) & MASK;
    }
    high ^= mix(padded.readBigUInt64LE(at + 8), SECOND_FACTOR, 33n, FIRST_FACTOR);
    if (at < whole) {
      high = ((((rotate(high, 31n) + low) & MASK) * 5n) + 0x38495ab5n) & MASK;
    }
  }
  low ^= BigInt(bytes.length);
  high ^= BigInt(bytes.length);
  low = (low + high) & MASK;
  high = (high + low) & MASK;
  low = finish(low);
  high = finish(high);
  low = (low + high) & MASK;
  high = (high + low) & MASK;
  const hash = Buffer.alloc(16);
  hash.writeBigUInt64BE(high, 0);
  hash.writeBigUInt64BE(low, 8);
  return hash;
}

const rotate32 = (value, bits) => (value << bits) | (value >>> (32 - bits));

const mix32 = (word) => Math.imul(rotate32(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);

/** The hash of 32 bits, as a number without a sign. */
function hash32(bytes) {
  const padded = Buffer.alloc(Math.ceil(bytes.length / 4) * 4);
  bytes.copy(padded);
  const whole = bytes.length - (bytes.length % 4);
  let value = 0;
  for (let at = 0; at < padded.length; at += 4) {
    value ^= mix32(padded.readInt32LE(at));
    if (at < whole) {
      value = (Math.imul(rotate32(value, 13), 5) + 0xe6546b64) | 0;
    }
  }
  value ^= bytes.length;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

module.exports = { hash128, hash32 };
