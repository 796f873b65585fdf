'use strict';

const SURROGATES_AND_ABOVE = /[\ud800-\uffff]/;

/** A value's type, by its place in an order over all types: undefined, null, booleans, numbers, strings, arrays, objects. */
function rank(value) {
  if (value === undefined || value === null) {
    return value === undefined ? 0 : 1;
  }
  const place = ['boolean', 'number', 'string'].indexOf(typeof value);
  if (place >= 0) {
    return place + 2;
  }
  return Array.isArray(value) ? 5 : 6;
}

function compareStrings(left, right) {
  if (left === right) {
    return 0;
  }
  // JavaScript compares units of UTF-16, the service bytes of UTF-8. The two differ only for these characters.
  if (SURROGATES_AND_ABOVE.test(left) || SURROGATES_AND_ABOVE.test(right)) {
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  }
  return left < right ? -1 : 1;
}

/** Negative, zero or positive, as left comes before right, with it or after it. */
function compare(left, right) {
  const leftRank = rank(left);
  const difference = leftRank - rank(right);
  if (difference !== 0) {
    return difference;
  }
  if (leftRank === 4) {
    return compareStrings(left, right);
  }
  return leftRank === 2 || leftRank === 3 ? left - right : 0;
}

/** The same text for values that are equal, whatever the sequence of their properties. */
function canonical(value) {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
  }
  return value === undefined ? 'undefined' : JSON.stringify(value);
}

function equals(left, right) {
  return rank(left) === rank(right) && (rank(left) > 4 ? canonical(left) === canonical(right) : left === right);
}

module.exports = { canonical, compare, equals, rank };
