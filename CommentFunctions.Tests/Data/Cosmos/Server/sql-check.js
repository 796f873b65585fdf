'use strict';

const { AGGREGATES, FUNCTIONS } = require('./sql-functions.js');
const { QueryError } = require('./sql-tokens.js');

// What the service's parser refuses in a query that is well-formed, with its codes and messages: they were learned by asking
// the parser that the client brings with it (ServiceInterop).

const isNode = (value) => typeof value === 'object' && value !== null;

/** The first node, this one or one below it, for which a predicate holds. Queries in it do not count. */
function findNode(node, predicate) {
  if (!isNode(node) || node.kind === 'query') {
    return undefined;
  }
  if (node.kind && predicate(node)) {
    return node;
  }
  for (const child of Object.values(node)) {
    const found = findNode(child, predicate);
    if (found) {
      return found;
    }
  }
  return undefined;
}

const isAggregate = (node) => node.kind === 'call' && Object.hasOwn(AGGREGATES, node.name);
const findAggregate = (node) => findNode(node, isAggregate);

/** The names from a path's root on; undefined if the node is no path. */
function pathOf(node) {
  if (node.kind === 'identifier') {
    return [node.name];
  }
  const start = node.kind === 'member' ? pathOf(node.target) : undefined;
  return start && [...start, node.name];
}

/** Whether the query's result is one row that sums up all. */
const isAggregated = (query) => findAggregate([query.value, query.items]) !== undefined;

function unresolved(node) {
  return new QueryError('SC2001', `Identifier '${node.name}' could not be resolved.`, node.nameStart, node.nameStart + node.name.length);
}

function checkCall(node) {
  const aggregate = isAggregate(node);
  if (!aggregate && !Object.hasOwn(FUNCTIONS, node.name)) {
    const message = `'${node.writtenName}' is not a recognized built-in function name. (This stand-in knows only some of the service's.)`;
    throw new QueryError('SC2005', message, node.start, node.start + node.writtenName.length);
  }
  const [least, most] = aggregate ? [1, 1] : FUNCTIONS[node.name];
  if (node.values.length < least || node.values.length > most) {
    const wanted = least === most ? least : `${least} to ${most}`;
    throw new QueryError('SC2050', `The ${node.writtenName} function requires ${wanted} argument(s).`, node.start, node.end);
  }
}

function checkExpression(node, names) {
  if (Array.isArray(node)) {
    node.forEach((child) => checkExpression(child, names));
  } else if (isNode(node)) {
    if (node.kind === 'query') {
      check(node, names);
      return;
    }
    if (node.kind === 'identifier' && !names.has(node.name)) {
      throw unresolved(node);
    }
    if (node.kind === 'call') {
      checkCall(node);
    }
    Object.values(node).forEach((child) => checkExpression(child, names));
  }
}

/** Only the first source of the whole query may have any name at its root: the container. All others start at a name that is known. */
function checkSources(query, names, isOutermost) {
  const own = new Set();
  [query.source, ...query.joins].filter(Boolean).forEach((source, index) => {
    if (!isOutermost || index > 0) {
      checkExpression(source.path, names);
    }
    if (own.has(source.alias)) {
      const message = `The input set name or alias '${source.alias}' is specified more than once in the FROM clause.`;
      throw new QueryError('SC2021', message, source.aliasStart, source.aliasStart + source.alias.length);
    }
    own.add(source.alias);
    names.add(source.alias);
  });
}

function checkSelection(query) {
  if (query.star && !query.source) {
    throw new QueryError('SC1021', "Syntax error, 'SELECT *' is not valid if FROM clause is omitted.", query.star.start, query.star.end);
  }
  if (query.star && query.joins.length > 0) {
    throw new QueryError('SC2042', "'SELECT *' is only valid with a single input set.", query.star.start, query.star.end);
  }
  const known = new Set();
  for (const { name, nameStart } of query.items || []) {
    if (known.has(name)) {
      const message = `Object creation error, property name '${name}' specified more than once.`;
      throw new QueryError('SC2022', message, nameStart, nameStart + name.length);
    }
    known.add(name);
  }
  if (isAggregated(query)) {
    const plain = (query.items || []).map((item) => item.expression).filter((node) => !findAggregate(node));
    const loose = findNode(plain, pathOf);
    if (loose) {
      const message = 'A property reference is invalid in the select list because it is not contained in either an aggregate function '
        + 'or the GROUP BY clause.';
      throw new QueryError('SC2102', message, loose.start, loose.end);
    }
  }
}

/** Refuses a query that is well-formed and means nothing. */
function check(query, outerNames) {
  const names = new Set(outerNames);
  checkSources(query, names, !outerNames);
  const misplaced = findAggregate(query.where);
  if (misplaced) {
    throw new QueryError('SC2104', 'Aggregates are not allowed in the WHERE clause.', misplaced.start, misplaced.end);
  }
  checkExpression([query.where, query.value, query.items, query.order], names);
  checkSelection(query);
  if (query.top && query.offset) {
    throw new QueryError('SC2205', 'A TOP cannot be used in the same query or subquery as an OFFSET.', query.start, query.end);
  }
  if (query.order.some((item) => !pathOf(item.expression))) {
    throw new QueryError(2206, 'Unsupported ORDER BY clause. ORDER BY item expression could not be mapped to a document path.');
  }
}

module.exports = { check, findAggregate, isAggregate, isAggregated, pathOf };
