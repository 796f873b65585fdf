'use strict';

const { compare, equals } = require('./sql-values.js');

const isText = (value) => typeof value === 'string';
const isNumber = (value) => typeof value === 'number';
const isPlainObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A function of texts, which is undefined for everything else. A further argument true says that case does not matter. */
function ofTwoTexts(apply) {
  return (left, right, ignoresCase) => {
    if (!isText(left) || !isText(right)) {
      return undefined;
    }
    return ignoresCase === true ? apply(left.toLowerCase(), right.toLowerCase()) : apply(left, right);
  };
}

const ofText = (apply) => (value, ...rest) => (isText(value) ? apply(value, ...rest) : undefined);
const ofNumber = (apply) => (value) => (isNumber(value) ? apply(value) : undefined);

function asText(value) {
  if (value === undefined) {
    return undefined;
  }
  return isText(value) ? value : JSON.stringify(value);
}

function arrayContains(list, wanted, isPartial) {
  if (!Array.isArray(list)) {
    return undefined;
  }
  const isPart = (item) => isPlainObject(item) && Object.keys(wanted).every((name) => equals(item[name], wanted[name]));
  return list.some((item) => equals(item, wanted) || (isPartial === true && isPlainObject(wanted) && isPart(item)));
}

/** Functions by name, with how many arguments they take: https://learn.microsoft.com/azure/cosmos-db/nosql/query/system-functions */
const FUNCTIONS = {
  ABS: [1, 1, ofNumber(Math.abs)],
  ARRAY_CONTAINS: [2, 3, arrayContains],
  ARRAY_LENGTH: [1, 1, (list) => (Array.isArray(list) ? list.length : undefined)],
  CEILING: [1, 1, ofNumber(Math.ceil)],
  CONCAT: [2, Infinity, (...values) => (values.every(isText) ? values.join('') : undefined)],
  CONTAINS: [2, 3, ofTwoTexts((left, right) => left.includes(right))],
  ENDSWITH: [2, 3, ofTwoTexts((left, right) => left.endsWith(right))],
  FLOOR: [1, 1, ofNumber(Math.floor)],
  IIF: [3, 3, (test, yes, no) => (test === true ? yes : no)],
  INDEX_OF: [2, 2, ofTwoTexts((left, right) => left.indexOf(right))],
  IS_ARRAY: [1, 1, Array.isArray],
  IS_BOOL: [1, 1, (value) => typeof value === 'boolean'],
  IS_DEFINED: [1, 1, (value) => value !== undefined],
  IS_NULL: [1, 1, (value) => value === null],
  IS_NUMBER: [1, 1, isNumber],
  IS_OBJECT: [1, 1, isPlainObject],
  IS_PRIMITIVE: [1, 1, (value) => value === null || ['boolean', 'number', 'string'].includes(typeof value)],
  IS_STRING: [1, 1, isText],
  LEFT: [2, 2, ofText((text, count) => text.slice(0, Math.max(0, count)))],
  LENGTH: [1, 1, ofText((text) => text.length)],
  LOWER: [1, 1, ofText((text) => text.toLowerCase())],
  LTRIM: [1, 1, ofText((text) => text.trimStart())],
  REPLACE: [3, 3, ofText((text, old, fresh) => (isText(old) && isText(fresh) ? text.replaceAll(old, fresh) : undefined))],
  ROUND: [1, 1, ofNumber((value) => Math.sign(value) * Math.round(Math.abs(value)))],
  RTRIM: [1, 1, ofText((text) => text.trimEnd())],
  STARTSWITH: [2, 3, ofTwoTexts((left, right) => left.startsWith(right))],
  STRINGEQUALS: [2, 3, ofTwoTexts((left, right) => left === right)],
  SUBSTRING: [3, 3, ofText((text, start, count) => text.slice(start, start + count))],
  TOSTRING: [1, 1, asText],
  TRIM: [1, 1, ofText((text) => text.trim())],
  UPPER: [1, 1, ofText((text) => text.toUpperCase())],
};

const sum = (values) => values.reduce((total, value) => total + value, 0);

function extreme(values, sign) {
  return values.length === 0 ? undefined : values.reduce((best, value) => (compare(value, best) * sign > 0 ? value : best));
}

/** Aggregates of the values that are defined. */
const AGGREGATES = {
  AVG: (values) => (values.length > 0 && values.every(isNumber) ? sum(values) / values.length : undefined),
  COUNT: (values) => values.length,
  MAX: (values) => extreme(values, 1),
  MIN: (values) => extreme(values, -1),
  SUM: (values) => (values.every(isNumber) ? sum(values) : undefined),
};

module.exports = { AGGREGATES, FUNCTIONS };
