'use strict';

const { parseJson, refusal } = require('./answers.js');
const charges = require('./charges.js');
const { checkOrder } = require('./indexes.js');
const { parseKey } = require('./partition-keys.js');
const { createPlan } = require('./query-plan.js');
const { tokenOf, visibleLsn } = require('./sessions.js');
const { check, isAggregated, pathOf } = require('./sql-check.js');
const { compareKeys, distinct, evaluate, keysOf, project, rowsOf } = require('./sql-eval.js');
const { parse } = require('./sql-parser.js');

const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 1000;
const MAX_PAGE_BYTES = 4 * 1024 * 1024;

const CROSS_PARTITION_OFF = 'Cross partition query is required but disabled. Please set x-ms-documentdb-query-enablecrosspartition to '
  + 'true, specify x-ms-documentdb-partitionkey, or revise your query to avoid this exception.';
const NOT_BY_GATEWAY = 'The provided cross partition query can not be directly served by the gateway.';

const known = new Map();

/** The tree of a query. Trees are kept, for the same texts come again and again. */
function parseQuery(text) {
  let query = known.get(text);
  if (!query) {
    query = parse(text);
    check(query);
    known.set(text, query);
    if (known.size > 500) {
      known.clear();
    }
  }
  return query;
}

function readQuery(text) {
  const { query, parameters = [] } = parseJson(text);
  if (typeof query !== 'string') {
    throw refusal(400, 'The request names no query.');
  }
  return { text: query, parameters: Object.fromEntries(parameters.map(({ name, value }) => [name, value])) };
}

/** Where a query looks: at one partition key, or at the keys of one physical partition. */
function scopeOf(container, headers) {
  const keyHeader = headers['x-ms-documentdb-partitionkey'];
  if (keyHeader !== undefined) {
    const key = parseKey(keyHeader, container.keyPaths);
    return { key, range: container.rangeOf(key), isInScope: () => true, name: '[pk]' };
  }
  const rangeHeader = headers['x-ms-documentdb-partitionkeyrangeid'];
  if (rangeHeader === undefined && !/^true$/i.test(headers['x-ms-documentdb-query-enablecrosspartition'] || '')) {
    throw refusal(400, CROSS_PARTITION_OFF);
  }
  if (rangeHeader === undefined && container.ranges.length > 1) {
    throw refusal(400, NOT_BY_GATEWAY, 1004);
  }
  const rangeId = rangeHeader === undefined ? container.ranges[0].id : rangeHeader.split(',').pop();
  const range = container.ranges.find((one) => one.id === rangeId);
  if (!range) {
    throw refusal(410, 'The requested resource is no longer available at the server.', 1002);
  }
  const min = headers['x-ms-start-epk'] || '';
  const max = headers['x-ms-end-epk'] || 'FF';
  const isInScope = (place) => range.holds(place) && place >= min && place < max;
  return { key: null, range, isInScope, name: `[range ${rangeHeader}]` };
}

function checkIndexes(container, query, settings) {
  if (query.source && query.source.path.kind === 'identifier') {
    const root = query.source.alias;
    const paths = query.order.map((item) => ({ names: pathOf(item.expression), isDescending: item.isDescending }));
    const wanted = paths.filter(({ names }) => names[0] === root).map((path) => ({ ...path, names: path.names.slice(1) }));
    checkOrder(container, wanted, settings.enforceComposite);
  }
}

const comparePlaces = (left, right) => left.sequence - right.sequence || left.ordinal - right.ordinal;

/** The rows of a query in the order of its result; without an ORDER BY in the order in which the items were made. */
function* sortedRows(query, parameters, versions, first) {
  const toRows = function* ({ document, sequence }) {
    let ordinal = 0;
    for (const row of rowsOf(query, document, parameters)) {
      yield { row, sequence, ordinal: ordinal++, keys: keysOf(query, row) };
    }
  };
  if (query.order.length === 0) {
    const rest = [...versions].filter((version) => version.sequence >= first).sort((left, right) => left.sequence - right.sequence);
    for (const version of rest) {
      yield* toRows(version);
    }
    return;
  }
  const rows = [...versions].flatMap((version) => [...toRows(version)]);
  yield* rows.sort((left, right) => compareKeys(query, left.keys, right.keys) || comparePlaces(left, right));
}

/** A token tells the last row's place, so that items that come or go between two pages shift nothing. */
function writeToken({ sequence, ordinal, keys }, left) {
  const limit = left === Infinity ? null : left;
  return JSON.stringify({ sequence, ordinal, keys: keys.map((key) => (key === undefined ? [] : [key])), left: limit });
}

function readToken(text) {
  const token = parseJson(text);
  return { ...token, keys: (token.keys || []).map(([key]) => key), left: token.left === null ? Infinity : token.left };
}

/** What the rows behind a token become in the result. */
function* valuesBehind(token, query, parameters, versions) {
  const first = token && query.order.length === 0 ? token.sequence : 0;
  for (const entry of sortedRows(query, parameters, versions, first)) {
    if (!token || (compareKeys(query, entry.keys, token.keys) || comparePlaces(entry, token)) > 0) {
      const value = project(query, entry.row);
      if (value !== undefined) {
        yield { entry, value };
      }
    }
  }
}

/** A number of a query's TOP, OFFSET or LIMIT. */
function countOf(node, parameters, otherwise) {
  const count = node ? evaluate(node, { parameters, variables: {} }) : otherwise;
  if (node && !(Number.isInteger(count) && count >= 0)) {
    throw refusal(400, 'The value provided for a TOP, OFFSET or LIMIT must be a non-negative integer.');
  }
  return count;
}

function collectRows(query, parameters, versions, token, maximum) {
  let skip = token ? 0 : countOf(query.offset, parameters, 0);
  let left = token ? token.left : countOf(query.limit || query.top, parameters, Infinity);
  let bytes = 0;
  const page = [];
  for (const { entry, value } of left > 0 ? valuesBehind(token, query, parameters, versions) : []) {
    if (skip > 0) {
      skip--;
      continue;
    }
    page.push(value);
    left--;
    bytes += JSON.stringify(value).length;
    if (left === 0) {
      break;
    }
    if (page.length === maximum || bytes > MAX_PAGE_BYTES) {
      return { page, continuation: writeToken(entry, left) };
    }
  }
  return { page };
}

/** Distinct values have no place of their own: a token counts those that were handed out. */
function collectDistinct(query, parameters, versions, token, maximum) {
  const rows = [...sortedRows(query, parameters, versions, 0)];
  const values = distinct(query, rows.map(({ row }) => project(query, row)).filter((value) => value !== undefined));
  const skip = countOf(query.offset, parameters, 0);
  const all = values.slice(skip, skip + countOf(query.limit || query.top, parameters, Infinity));
  const start = token ? token.start : 0;
  const end = start + maximum;
  return { page: all.slice(start, end), continuation: end < all.length ? JSON.stringify({ start: end }) : undefined };
}

function collectAggregate(query, parameters, versions) {
  const group = [...versions].flatMap(({ document }) => [...rowsOf(query, document, parameters)]);
  const value = project(query, { variables: {}, parameters, group });
  return { page: value === undefined ? [] : [value], aggregated: group.length };
}

function pageSize(header) {
  const asked = Number(header || DEFAULT_PAGE);
  return asked > 0 ? Math.min(asked, LARGEST_PAGE) : LARGEST_PAGE;
}

function collect(query, parameters, versions, headers) {
  if (isAggregated(query)) {
    return collectAggregate(query, parameters, versions);
  }
  const token = headers['x-ms-continuation'] ? readToken(headers['x-ms-continuation']) : null;
  const collectPage = query.isDistinct ? collectDistinct : collectRows;
  return collectPage(query, parameters, versions, token, pageSize(headers['x-ms-max-item-count']));
}

/** One page of a query. */
function answerQuery({ settings, record }, container, { headers, text, operation }) {
  const isFeed = operation === 'feed';
  const asked = isFeed ? { text: 'SELECT * FROM c', parameters: {} } : readQuery(text());
  const query = parseQuery(asked.text);
  const scope = scopeOf(container, isFeed ? { 'x-ms-documentdb-query-enablecrosspartition': 'true', ...headers } : headers);
  const direct = headers['x-ms-cosmos-query-optimisticdirectexecute'];
  const entry = record.query(`${container.id} ${scope.name} ode=${direct || ''} :: ${asked.text.replace(/\s+/g, ' ')}`);
  checkIndexes(container, query, settings);
  const lsn = visibleLsn(headers['x-ms-session-token'], scope.range, settings.lagMs);
  const versions = query.source ? container.versions(scope.key, scope.isInScope, lsn) : [{ document: null, sequence: 0 }];
  const { page, continuation, aggregated = 0 } = collect(query, asked.parameters, versions, headers);
  const charge = charges.forPage(page, aggregated);
  entry.ru = charges.rounded(entry.ru + charge);
  return {
    status: 200,
    body: { _rid: container.rid, Documents: page, _count: page.length },
    charge,
    range: scope.range,
    session: tokenOf(scope.range, lsn),
    headers: {
      'x-ms-item-count': String(page.length),
      ...(continuation ? { 'x-ms-continuation': continuation } : {}),
      // The client takes an answer without it for one that was not executed directly.
      ...(direct ? { 'x-ms-cosmos-query-optimisticdirectexecute': 'True' } : {}),
    },
  };
}

function answerPlan(container, { headers, text }) {
  const { text: sql, parameters } = readQuery(text());
  const hasKey = headers['x-ms-documentdb-partitionkey'] !== undefined;
  return { status: 200, body: createPlan(container, parseQuery(sql), parameters, hasKey), charge: 0 };
}

/** What a query says of a list that is no container's: databases, containers, offers. */
function filterList(text, list) {
  const { text: sql, parameters } = readQuery(text);
  const query = parseQuery(sql);
  return list.flatMap((one) => [...rowsOf(query, one, parameters)].map((row) => project(query, row)));
}

module.exports = { answerPlan, answerQuery, filterList };
