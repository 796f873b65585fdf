'use strict';

const { parseJson, refusal } = require('./answers.js');
const { UnknownHere } = require('./sql-tokens.js');
const { canonical } = require('./sql-values.js');

const DEFAULT_PATHS = { includedPaths: [{ path: '/*' }], excludedPaths: [{ path: '/"_etag"/?' }] };
const DEFAULT_POLICY = { indexingMode: 'consistent', automatic: true, ...DEFAULT_PATHS };
const MAX_NAME = 255;

const isEmpty = (list) => !Array.isArray(list) || list.length === 0;

/** Names of databases and containers: https://learn.microsoft.com/azure/cosmos-db/concepts-limits */
function checkName(name) {
  if (typeof name !== 'string' || name === '' || name.length > MAX_NAME) {
    throw refusal(400, `The name of a database or container has 1 to ${MAX_NAME} characters.`);
  }
  if (/[/\\?#]|\s$/.test(name)) {
    throw refusal(400, 'The resource name presented contains an invalid character.');
  }
}

/** A policy has to say what holds for all other paths: https://learn.microsoft.com/azure/cosmos-db/index-policy */
function readPolicy(given) {
  if (!given) {
    return DEFAULT_POLICY;
  }
  const { includedPaths, excludedPaths, compositeIndexes = [] } = given;
  if (given.indexingMode === 'none') {
    return given;
  }
  const hasRoot = (paths) => (paths || []).some(({ path }) => path === '/*');
  const policy = { ...DEFAULT_POLICY, ...given, ...(isEmpty(includedPaths) && isEmpty(excludedPaths) ? DEFAULT_PATHS : {}) };
  if (!hasRoot(policy.includedPaths) && !hasRoot(policy.excludedPaths)) {
    throw refusal(400, "The special mandatory indexing path '/' is not provided in any of the path type sets.");
  }
  if (compositeIndexes.some((index) => index.length < 2)) {
    throw refusal(400, 'The indexing policy has a composite index with fewer than two paths.');
  }
  return policy;
}

function checkTtl(ttl) {
  if (ttl !== undefined && ttl !== null && ttl !== -1 && !(Number.isInteger(ttl) && ttl > 0)) {
    throw refusal(400, `The input ttl '${ttl}' is invalid. Ensure to provide a nonzero positive integer or -1.`);
  }
}

/** A container's definition, without the properties that only the server sets. */
function readDefinition(text) {
  const given = Object.fromEntries(Object.entries(parseJson(text)).filter(([name]) => !name.startsWith('_')));
  checkName(given.id);
  if (!given.partitionKey || isEmpty(given.partitionKey.paths)) {
    throw refusal(400, 'Partition key is not specified for the container.');
  }
  if (given.uniqueKeyPolicy && !isEmpty(given.uniqueKeyPolicy.uniqueKeys)) {
    throw new UnknownHere('unique keys');
  }
  checkTtl(given.defaultTtl);
  return { ...given, partitionKey: { kind: 'Hash', version: 1, ...given.partitionKey }, indexingPolicy: readPolicy(given.indexingPolicy) };
}

/** A replace states the whole container anew. Only its name and its partition key stay what they are. */
function readReplacement(container, text) {
  const definition = readDefinition(text);
  if (definition.id !== container.id) {
    throw refusal(400, 'The name of a container cannot be changed.');
  }
  if (canonical(definition.partitionKey) !== canonical(container.definition.partitionKey)) {
    throw refusal(400, 'Document collection partition key cannot be changed.');
  }
  return definition;
}

function describeContainer(container) {
  return {
    ...container.definition,
    _rid: container.rid,
    _ts: container.changedAt,
    _self: `dbs/${container.database.rid}/colls/${container.rid}/`,
    _etag: container.etag,
    _docs: 'docs/',
    _sprocs: 'sprocs/',
    _triggers: 'triggers/',
    _udfs: 'udfs/',
    _conflicts: 'conflicts/',
  };
}

function describeRanges(container) {
  const { ranges, rid, changedAt } = container;
  const list = ranges.map((range, index) => ({
    id: range.id,
    _rid: rid,
    minInclusive: range.min,
    maxExclusive: range.max,
    ridPrefix: index,
    throughputFraction: 1 / ranges.length,
    status: 'online',
    parents: [],
    _etag: '"1"',
    _self: '',
    _ts: changedAt,
  }));
  return { _rid: rid, PartitionKeyRanges: list, _count: list.length };
}

module.exports = { checkName, describeContainer, describeRanges, readDefinition, readReplacement };
