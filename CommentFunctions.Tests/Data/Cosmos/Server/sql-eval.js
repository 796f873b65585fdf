'use strict';

const { pathOf, isAggregated } = require('./sql-check.js');
const { AGGREGATES, FUNCTIONS } = require('./sql-functions.js');
const { canonical, compare, equals, rank } = require('./sql-values.js');

// An environment has the variables that a row binds, the query's parameters and, for an aggregate, the rows of the group.

const isDefined = (value) => value !== undefined;

function memberOf(target, name) {
  const isContainer = typeof target === 'object' && target !== null;
  // Not the length of a text or of an array: only what JSON has.
  const isReachable = Array.isArray(target) ? Number.isInteger(name) : typeof name === 'string';
  return isContainer && isReachable && Object.hasOwn(target, name) ? target[name] : undefined;
}

function compareBy(operator, left, right) {
  if (left === undefined || right === undefined) {
    return undefined;
  }
  if (operator === '=' || operator === '!=' || operator === '<>') {
    return equals(left, right) === (operator === '=');
  }
  if (rank(left) !== rank(right) || rank(left) > 4) {
    return undefined;
  }
  const order = compare(left, right);
  return { '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[operator];
}

function calculate(operator, left, right) {
  if (operator === '||') {
    return typeof left === 'string' && typeof right === 'string' ? left + right : undefined;
  }
  if (typeof left !== 'number' || typeof right !== 'number') {
    return undefined;
  }
  const result = { '+': left + right, '-': left - right, '*': left * right, '/': left / right, '%': left % right }[operator];
  return Number.isFinite(result) ? result : undefined;
}

/** Of two truth values the one that decides alone wins, even beside undefined. */
function combine(left, evaluateRight, decisive) {
  if (left === decisive) {
    return decisive;
  }
  const right = evaluateRight();
  if (right === decisive) {
    return decisive;
  }
  return left === !decisive && right === !decisive ? !decisive : undefined;
}

const createObject = (entries) => Object.fromEntries(entries.filter(([, value]) => isDefined(value)));

const EVALUATORS = {
  literal: (node) => node.value,
  parameter: (node, environment) => environment.parameters[node.name],
  identifier: (node, environment) => environment.variables[node.name],
  member: ({ target, name }, environment) =>
    memberOf(evaluate(target, environment), typeof name === 'object' && name !== null ? evaluate(name, environment) : name),
  and: ({ left, right }, environment) => combine(evaluate(left, environment), () => evaluate(right, environment), false),
  or: ({ left, right }, environment) => combine(evaluate(left, environment), () => evaluate(right, environment), true),
  not: ({ value }, environment) => {
    const inner = evaluate(value, environment);
    return typeof inner === 'boolean' ? !inner : undefined;
  },
  comparison: ({ operator, left, right }, environment) => compareBy(operator, evaluate(left, environment), evaluate(right, environment)),
  between: ({ value, low, high }, environment) => {
    const inner = evaluate(value, environment);
    const isAbove = compareBy('>=', inner, evaluate(low, environment));
    return combine(isAbove, () => compareBy('<=', inner, evaluate(high, environment)), false);
  },
  in: ({ value, list }, environment) => {
    const inner = evaluate(value, environment);
    return inner === undefined ? undefined : list.some((one) => equals(inner, evaluate(one, environment)));
  },
  arithmetic: ({ operator, left, right }, environment) => calculate(operator, evaluate(left, environment), evaluate(right, environment)),
  unary: ({ operator, value }, environment) => {
    const inner = evaluate(value, environment);
    return typeof inner === 'number' ? (operator === '-' ? -inner : inner) : undefined;
  },
  ternary: ({ test, yes, no }, environment) => evaluate(evaluate(test, environment) === true ? yes : no, environment),
  coalesce: ({ left, right }, environment) => {
    const first = evaluate(left, environment);
    return first === undefined ? evaluate(right, environment) : first;
  },
  object: ({ properties }, environment) => createObject(properties.map((one) => [one.name, evaluate(one.expression, environment)])),
  'array-literal': ({ items }, environment) => items.map((item) => evaluate(item, environment)).filter(isDefined),
  exists: ({ query }, environment) => runSubquery(query, environment).length > 0,
  array: ({ query }, environment) => runSubquery(query, environment),
  subquery: ({ query }, environment) => runSubquery(query, environment)[0],
  call: ({ name, values }, environment) => {
    if (Object.hasOwn(AGGREGATES, name)) {
      return AGGREGATES[name](environment.group.map((row) => evaluate(values[0], row)).filter(isDefined));
    }
    return FUNCTIONS[name][2](...values.map((value) => evaluate(value, environment)));
  },
};

function evaluate(node, environment) {
  return EVALUATORS[node.kind](node, environment);
}

function* expand(sources, environment) {
  if (sources.length === 0) {
    yield environment;
    return;
  }
  const [{ path, alias, iterates }, ...rest] = sources;
  const value = evaluate(path, environment);
  const list = iterates ? value : [value];
  for (const one of Array.isArray(list) ? list.filter(isDefined) : []) {
    yield* expand(rest, { ...environment, variables: { ...environment.variables, [alias]: one } });
  }
}

/** The rows that the sources of a query make in an environment, as far as its WHERE lets them pass. */
function* rowsIn(query, environment) {
  const sources = query.source ? [query.source, ...query.joins] : [];
  for (const row of expand(sources, environment)) {
    if (!query.where || evaluate(query.where, row) === true) {
      yield row;
    }
  }
}

/** The rows that one item makes. */
function rowsOf(query, document, parameters) {
  const variables = query.source ? { [pathOf(query.source.path)[0]]: document } : {};
  return rowsIn(query, { variables, parameters });
}

/** What a row becomes in the result; undefined if it has no place there. */
function project(query, row) {
  if (query.star) {
    return row.variables[query.source.alias];
  }
  return query.value
    ? evaluate(query.value, row)
    : createObject(query.items.map((item) => [item.name, evaluate(item.expression, row)]));
}

function compareKeys(query, left, right) {
  for (let index = 0; index < query.order.length; index++) {
    const order = compare(left[index], right[index]);
    if (order !== 0) {
      return query.order[index].isDescending ? -order : order;
    }
  }
  return 0;
}

const keysOf = (query, row) => query.order.map((item) => evaluate(item.expression, row));

/** Each value once, where the query is for distinct ones. */
function distinct(query, values) {
  return query.isDistinct ? [...new Map(values.map((value) => [canonical(value), value])).values()] : values;
}

function runSubquery(query, environment) {
  const rows = [...rowsIn(query, environment)].map((row) => ({ row, keys: keysOf(query, row) }));
  rows.sort((left, right) => compareKeys(query, left.keys, right.keys));
  const group = rows.map(({ row }) => row);
  const values = isAggregated(query) ? [project(query, { ...environment, group })] : group.map((row) => project(query, row));
  const start = query.offset ? evaluate(query.offset, environment) : 0;
  const count = query.limit || query.top;
  return distinct(query, values.filter(isDefined)).slice(start, count ? start + evaluate(count, environment) : undefined);
}

module.exports = { compareKeys, distinct, evaluate, keysOf, project, rowsOf };
