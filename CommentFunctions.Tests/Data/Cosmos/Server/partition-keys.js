'use strict';

const { parseJson, refusal } = require('./answers.js');
const { hash128, hash32 } = require('./murmur.js');

// The first byte of what is hashed names the type: PartitionKeyHash.cs in the tests of
// https://github.com/Azure/azure-cosmos-dotnet-v3
const TYPES = { undefined: 0, null: 1, false: 2, true: 3, number: 5, string: 8 };

const OTHER_KEY = "Partition key provided either doesn't correspond to definition in the collection or doesn't match partition key field "
  + 'values specified in the document.';

// Version 1 looks at no more characters of a text, and keeps hardly more bytes of them.
const V1_TEXT = 100;

const typeOf = (value) => TYPES[value === null || typeof value === 'boolean' ? String(value) : typeof value] || TYPES.undefined;

/** A value as it is hashed: its type, its bytes and, for a text, an end. */
function bytesToHash(value, end) {
  if (typeof value === 'string') {
    return Buffer.concat([Buffer.from([TYPES.string]), Buffer.from(value), Buffer.from([end])]);
  }
  const bytes = Buffer.alloc(typeof value === 'number' ? 9 : 1);
  bytes[0] = typeOf(value);
  if (typeof value === 'number') {
    bytes.writeDoubleLE(value, 1);
  }
  return bytes;
}

/** Bytes that sort as the numbers do: 8 bits, and then groups of 7, of which all but the last are followed by a bit 1. */
function sortableNumber(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  const bits = bytes.readBigUInt64BE();
  let rest = BigInt.asUintN(64, bits >> 63n ? -bits : bits ^ (1n << 63n));
  const encoded = [TYPES.number, Number(rest >> 56n)];
  rest = BigInt.asUintN(64, rest << 8n);
  do {
    const group = Number(rest >> 56n) & 0xfe;
    rest = BigInt.asUintN(64, rest << 7n);
    encoded.push(rest === 0n ? group : group | 1);
  } while (rest !== 0n);
  return Buffer.from(encoded);
}

/** Bytes that sort as the values do. A text's bytes are one higher, so that 0 can end it; one that was cut has no end. */
function sortableValue(value) {
  if (typeof value === 'number') {
    return sortableNumber(value);
  }
  if (typeof value !== 'string') {
    return Buffer.from([typeOf(value)]);
  }
  const bytes = Buffer.from(value);
  const kept = Array.from(bytes.subarray(0, V1_TEXT + 1), (byte) => Math.min(byte + 1, 0xff));
  return Buffer.from([TYPES.string, ...kept, ...(bytes.length <= V1_TEXT ? [0] : [])]);
}

const toHex = (bytes) => bytes.toString('hex').toUpperCase();

function placeInVersion1(value) {
  const kept = typeof value === 'string' ? value.slice(0, V1_TEXT) : value;
  return toHex(Buffer.concat([sortableNumber(hash32(bytesToHash(kept, 0))), sortableValue(kept)]));
}

function placeInVersion2(value) {
  const hash = hash128(bytesToHash(value, 0xff));
  hash[0] &= 0x3f;
  return toHex(hash);
}

/** The place of a partition key among those that the physical partitions share, as the client computes it too. */
function effectiveKey(key, version) {
  return JSON.parse(key).map(version === 2 ? placeInVersion2 : placeInVersion1).join('');
}

/** The places at which the space of the keys is parted into ranges of the same size. */
function boundaries(count, version) {
  const inner = Array.from({ length: count - 1 }, (_, index) => (index + 1) / count).map((share) => (version === 2
    // The two highest bits of a hash are 0.
    ? Math.floor(0x4000 * share).toString(16).toUpperCase().padStart(4, '0')
    : toHex(sortableNumber(Math.floor(2 ** 32 * share)))));
  return ['', ...inner, 'FF'];
}

/** The names in a path of a definition, such as /a/"b c". */
function namesOf(path) {
  return (path.match(/"(?:[^"\\]|\\.)*"|[^/]+/g) || []).map((name) => (name.startsWith('"') ? JSON.parse(name) : name));
}

// A value that is no string, number, boolean or null is no key: the item counts as having none.
const asKeyValue = (value) => (value === undefined || (typeof value === 'object' && value !== null) ? {} : value);

/** The partition key that an item has, as JSON. */
function keyOfDocument(paths, document) {
  return JSON.stringify(paths.map((names) => {
    let value = document;
    for (const name of names) {
      value = typeof value === 'object' && value !== null ? value[name] : undefined;
    }
    return asKeyValue(value);
  }));
}

/** The partition key that a header or a batch operation names, written as this server writes keys. */
function parseKey(text, paths) {
  const values = parseJson(text);
  if (!Array.isArray(values) || values.length !== paths.length) {
    throw refusal(400, OTHER_KEY, 1001);
  }
  return JSON.stringify(values.map(asKeyValue));
}

module.exports = { OTHER_KEY, boundaries, effectiveKey, keyOfDocument, namesOf, parseKey };
