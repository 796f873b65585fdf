'use strict';

const { refuse, Refusal } = require('./answers.js');
const { effectiveKey } = require('./partition-keys.js');
const { findAggregate, isAggregate, isAggregated, pathOf } = require('./sql-check.js');
const { evaluate } = require('./sql-eval.js');
const { UnknownHere } = require('./sql-tokens.js');
const { canonical } = require('./sql-values.js');

// The plan tells a client how to ask each physical partition and how to put the answers together.
// Its form was learned by asking the parser that the client brings with it (ServiceInterop).

const AGGREGATE_TYPES = { AVG: 'Average', COUNT: 'Count', MAX: 'Max', MIN: 'Min', SUM: 'Sum' };
const WHOLE_RANGE = { min: '', max: 'FF', isMinInclusive: true, isMaxInclusive: false };
const NO_RANGE = { min: '', max: '', isMinInclusive: true, isMaxInclusive: true };

/** The partition keys that a condition leaves, by their canonical text; null where it leaves all of them. */
function keysLeftBy(node, isKeyPath, valueOf) {
  if (!node) {
    return null;
  }
  const inner = (child) => keysLeftBy(child, isKeyPath, valueOf);
  const keys = (values) => new Map(values.filter((value) => value !== undefined).map((value) => [canonical(value), value]));
  if (node.kind === 'and') {
    const [left, right] = [inner(node.left), inner(node.right)];
    return left && right ? new Map([...left].filter(([text]) => right.has(text))) : left || right;
  }
  if (node.kind === 'or') {
    const [left, right] = [inner(node.left), inner(node.right)];
    return left && right ? new Map([...left, ...right]) : null;
  }
  const isConstant = (child) => child.kind === 'literal' || child.kind === 'parameter';
  if (node.kind === 'in' && isKeyPath(node.value) && node.list.every(isConstant)) {
    return keys(node.list.map(valueOf));
  }
  if (node.kind === 'comparison' && node.operator === '=') {
    const [path, constant] = isKeyPath(node.left) ? [node.left, node.right] : [node.right, node.left];
    return isKeyPath(path) && isConstant(constant) ? keys([valueOf(constant)]) : null;
  }
  return null;
}

/** The ranges that a query has to look at; a single key is a range of one point. */
function rangesFor(container, query, parameters) {
  if (!query.source) {
    return [NO_RANGE];
  }
  const [keyPath, ...furtherPaths] = container.keyPaths;
  const wanted = canonical([query.source.alias, ...keyPath]);
  const isKeyPath = (node) => canonical(pathOf(node)) === wanted;
  const isPlain = furtherPaths.length === 0 && query.source.path.kind === 'identifier';
  const keys = isPlain ? keysLeftBy(query.where, isKeyPath, (node) => evaluate(node, { parameters, variables: {} })) : null;
  if (!keys) {
    return [WHOLE_RANGE];
  }
  const { version } = container.definition.partitionKey;
  const places = [...keys.values()].map((value) => effectiveKey(JSON.stringify([value]), version)).sort();
  return places.length === 0
    ? [NO_RANGE]
    : places.map((place) => ({ min: place, max: place, isMinInclusive: true, isMaxInclusive: true }));
}

const emptyInfo = (query) => ({
  distinctType: 'None',
  top: null,
  offset: null,
  limit: null,
  orderBy: [],
  orderByExpressions: [],
  groupByExpressions: [],
  groupByAliases: [],
  aggregates: [],
  groupByAliasToAggregateType: {},
  rewrittenQuery: '',
  hasSelectValue: query.value !== undefined,
  hasNonStreamingOrderBy: false,
  dCountInfo: null,
});

/** What a partition has to hand back of an aggregate, for the client to put the parts together. */
function partOf(call, textOf) {
  const inner = textOf(call.values[0]);
  const count = `"count": COUNT(${inner})`;
  switch (call.name) {
    case 'AVG':
      return `{"item": {"sum": SUM(${inner}), ${count}}}`;
    case 'MIN':
    case 'MAX':
      return `{"item": ${call.name}(${inner}), "item2": {"${call.name.toLowerCase()}": ${call.name}(${inner}), ${count}}}`;
    default:
      return `{"item": ${call.name}(${inner})}`;
  }
}

/** An object of the selected items as one expression. */
const objectOf = (items, textOf) => `{${items.map((item) => `${JSON.stringify(item.name)}: ${textOf(item.expression)}`).join(', ')}}`;

function rewriteAggregated(query, info, textOf, rest) {
  const selected = query.value ? [query.value] : query.items.map((item) => item.expression);
  if (selected.some((node) => findAggregate(node) && !isAggregate(node))) {
    const body = { code: 'BadRequest', message: '{"Errors":["Compositions of aggregates and other expressions are not allowed."]}' };
    throw new Refusal({ ...refuse(400, ''), body });
  }
  const partText = (node) => (isAggregate(node) ? partOf(node, textOf) : textOf(node));
  if (query.value) {
    info.aggregates = [AGGREGATE_TYPES[query.value.name]];
    info.rewrittenQuery = `SELECT VALUE [${partText(query.value)}] ${rest}`;
  } else {
    info.groupByAliases = query.items.map((item) => item.name);
    info.groupByAliasToAggregateType = Object.fromEntries(
      query.items.map(({ name, expression }) => [name, isAggregate(expression) ? AGGREGATE_TYPES[expression.name] : null]));
    info.rewrittenQuery = `SELECT ${objectOf(query.items, partText)} AS payload ${rest}`;
  }
}

function rewriteOrdered(query, info, textOf, from, cut) {
  if (query.source.path.kind !== 'identifier') {
    throw new UnknownHere('ORDER BY over several partitions with a path in FROM');
  }
  const alias = query.source.alias;
  const payload = query.value ? textOf(query.value) : query.star ? alias : objectOf(query.items, textOf);
  const conditions = [query.where && `(${textOf(query.where)})`, '({documentdb-formattableorderbyquery-filter})'];
  if (query.value && payload !== alias) {
    conditions.push(`IS_DEFINED(${payload})`);
  }
  info.orderBy = query.order.map((item) => (item.isDescending ? 'Descending' : 'Ascending'));
  info.orderByExpressions = query.order.map((item) => textOf(item.expression));
  const orderItems = info.orderByExpressions.map((text) => `{"item": ${text}}`).join(', ');
  const top = query.top && !query.isDistinct ? `TOP ${info.top} ` : '';
  info.rewrittenQuery = `SELECT ${top}${alias}._rid, [${orderItems}] AS orderByItems, ${payload} AS payload ${from} `
    + `WHERE ${conditions.filter(Boolean).join(' AND ')} ORDER BY ${query.order.map(textOf).join(', ')}${cut}`;
}

function infoFor(query, parameters) {
  const info = emptyInfo(query);
  const textOf = (node) => query.text.slice(node.start, node.end);
  const countOf = (node) => (node ? evaluate(node, { parameters, variables: {} }) : null);
  Object.assign(info, { top: countOf(query.top), offset: countOf(query.offset), limit: countOf(query.limit) });
  const from = ['FROM', [query.source, ...query.joins].map(textOf).join(' JOIN ')].join(' ');
  const where = query.where ? ` WHERE ${textOf(query.where)}` : '';
  const cut = query.offset && !query.isDistinct ? ` OFFSET 0 LIMIT ${info.offset + info.limit}` : '';
  if (query.isDistinct) {
    info.distinctType = query.value && query.order.length > 0 && textOf(query.order[0].expression) === textOf(query.value)
      ? 'Ordered' : 'Unordered';
  }
  if (isAggregated(query)) {
    const order = query.order.length > 0 ? ` ORDER BY ${query.order.map(textOf).join(', ')}` : '';
    rewriteAggregated(query, info, textOf, from + where + order);
  } else if (query.order.length > 0) {
    rewriteOrdered(query, info, textOf, from, cut);
  } else if (query.offset || (query.top && query.isDistinct)) {
    const selected = query.value ? `VALUE ${textOf(query.value)}` : query.star ? '*' : query.items.map(
      (item) => `${textOf(item.expression)} AS ${JSON.stringify(item.name)}`).join(', ');
    info.rewrittenQuery = `SELECT ${query.isDistinct ? 'DISTINCT ' : ''}${selected} ${from}${where}${cut}`;
  }
  return info;
}

/** The plan of a query. Where only one partition key is left, the client hands the query on as it is. */
function createPlan(container, query, parameters, hasKey) {
  const queryRanges = rangesFor(container, query, parameters);
  const isSingle = hasKey || !query.source || (queryRanges.length === 1 && queryRanges[0] !== WHOLE_RANGE);
  const queryInfo = isSingle ? emptyInfo(query) : infoFor(query, parameters);
  if (isSingle && query.isDistinct) {
    queryInfo.distinctType = 'Unordered';
  }
  return { partitionedQueryExecutionInfoVersion: 2, queryInfo, queryRanges };
}

module.exports = { createPlan };
