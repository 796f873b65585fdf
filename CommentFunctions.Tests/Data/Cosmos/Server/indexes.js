'use strict';

const { refusal } = require('./answers.js');
const { namesOf } = require('./partition-keys.js');

const NO_COMPOSITE = 'The order by query does not have a corresponding composite index that it can be served from.';
const NO_RANGE = 'The order-by item requires a range index to be defined on the corresponding index path.';

// These two are indexed whatever the policy says: https://learn.microsoft.com/azure/cosmos-db/index-policy
const ALWAYS_INDEXED = ['id', '_ts'];

const sameNames = (left, right) => left.length === right.length && left.every((name, index) => name === right[index]);

/** The names of an index path, and how precisely it tells: /a/? before /a/* before /*. */
function parsePath(path) {
  const names = namesOf(path);
  const last = names[names.length - 1];
  const end = last === '*' || last === '?' ? names.pop() : '';
  return { names, coversBelow: end === '*', precision: names.length * 2 + (end === '*' ? 0 : 1) };
}

function precisionFor(paths, names) {
  return Math.max(-1, ...(paths || []).map((entry) => parsePath(entry.path))
    .filter((path) => (path.coversBelow ? sameNames(path.names, names.slice(0, path.names.length)) : sameNames(path.names, names)))
    .map((path) => path.precision));
}

function isIndexed(policy, names) {
  if (names.length === 1 && ALWAYS_INDEXED.includes(names[0])) {
    return true;
  }
  return precisionFor(policy.includedPaths, names) > precisionFor(policy.excludedPaths, names);
}

/** A composite index serves an order if it has just these properties, in this sequence, all in these directions or all in the others. */
function serves(index, wanted) {
  if (index.length !== wanted.length) {
    return false;
  }
  const matches = index.map(({ path, order }, place) => {
    const isDescending = (order || 'ascending').toLowerCase() === 'descending';
    return sameNames(namesOf(path), wanted[place].names) ? isDescending === wanted[place].isDescending : undefined;
  });
  return matches.every((match) => match === true) || matches.every((match) => match === false);
}

/** Refuses an order that no index serves, as the service does and emulators do not. */
function checkOrder(container, wanted, isEnforced) {
  const policy = container.definition.indexingPolicy;
  if (wanted.length === 1 && !isIndexed(policy, wanted[0].names)) {
    throw refusal(400, NO_RANGE);
  }
  if (wanted.length > 1 && isEnforced && !(policy.compositeIndexes || []).some((index) => serves(index, wanted))) {
    throw refusal(400, NO_COMPOSITE);
  }
}

module.exports = { checkOrder };
