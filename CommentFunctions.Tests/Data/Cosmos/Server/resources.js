'use strict';

const { parseJson, refuse, refusal } = require('./answers.js');
const { checkName, describeContainer, describeRanges, readDefinition, readReplacement } = require('./containers.js');
const { answerDocuments } = require('./documents.js');
const { filterList } = require('./queries.js');

// What the service tells a client's query engine about itself.
const QUERY_ENGINE = {
  maxSqlQueryInputLength: 262144,
  maxJoinsPerSqlQuery: 5,
  maxLogicalAndPerSqlQuery: 500,
  maxLogicalOrPerSqlQuery: 500,
  maxUdfRefPerSqlQuery: 10,
  maxInExpressionItemsCount: 16000,
  queryMaxInMemorySortDocumentCount: 500,
  maxQueryRequestTimeoutFraction: 0.9,
  sqlAllowNonFiniteNumbers: false,
  sqlAllowAggregateFunctions: true,
  sqlAllowSubQuery: true,
  sqlAllowScalarSubQuery: true,
  allowNewKeywords: true,
  sqlAllowLike: true,
  sqlAllowGroupByClause: true,
  maxSpatialQueryCells: 12,
  spatialMaxGeometryPointCount: 256,
  sqlDisableOptimizationFlags: 0,
  sqlAllowTop: true,
  enableSpatialIndexing: true,
};

const RANGES_ETAG = '"ranges"';
const OWNER_MISSING = 'Owner resource does not exist';
const EXISTS = 'Entity with the specified id already exists in the system.';
const NO_ROUTE = 'The requested verb is not supported.';
const NO_OFFERS = 'Reading or replacing offers is not supported for serverless accounts.';
const NO_THROUGHPUT = 'Setting offer throughput or autopilot on container is not supported for serverless accounts.';

const isQuery = ({ headers }) =>
  /^true$/i.test(headers['x-ms-documentdb-isquery'] || '') || /query\+json/.test(headers['content-type'] || '');

/** A list, or what a query says of it. */
function answerList(request, name, list) {
  const found = isQuery(request) ? filterList(request.text(), list) : list;
  return { status: 200, body: { _rid: '', [name]: found, _count: found.length }, headers: { 'x-ms-item-count': String(found.length) } };
}

function answerAccount({ headers }) {
  // The address by which the client came, for there may be something in between.
  const location = { name: 'East US', databaseAccountEndpoint: `http://${headers.host}/` };
  const replication = { minReplicaSetSize: 3, maxReplicasetSize: 4 };
  return {
    status: 200,
    body: {
      _self: '',
      id: 'local',
      _rid: 'local',
      media: '//media/',
      addresses: '//addresses/',
      _dbs: '//dbs/',
      writableLocations: [location],
      readableLocations: [location],
      enableMultipleWriteLocations: false,
      userReplicationPolicy: { asyncReplication: false, ...replication },
      userConsistencyPolicy: { defaultConsistencyLevel: 'Session' },
      systemReplicationPolicy: replication,
      readPolicy: { primaryReadCoefficient: 1, secondaryReadCoefficient: 1 },
      queryEngineConfiguration: JSON.stringify(QUERY_ENGINE),
    },
  };
}

const describeDatabase = (database) => ({
  id: database.id,
  _rid: database.rid,
  _self: `dbs/${database.rid}/`,
  _etag: database.etag,
  _ts: database.changedAt,
  _colls: 'colls/',
  _users: 'users/',
});

function checkThroughput({ settings }, { headers }) {
  const isGiven = headers['x-ms-offer-throughput'] !== undefined || headers['x-ms-cosmos-offer-autopilot-settings'] !== undefined;
  if (isGiven && !settings.throughput) {
    throw refusal(400, NO_THROUGHPUT);
  }
}

function checkEtag({ headers }, etag) {
  const wanted = headers['if-match'];
  if (wanted && wanted !== '*' && wanted !== etag) {
    throw refusal(412, 'Operation cannot be performed because one of the specified precondition is not met.');
  }
}

function answerDatabases(context, request) {
  const { store } = context;
  if (request.method === 'GET' || isQuery(request)) {
    return answerList(request, 'Databases', [...store.databases.values()].map(describeDatabase));
  }
  if (request.method !== 'POST') {
    return refuse(405, NO_ROUTE);
  }
  checkThroughput(context, request);
  const { id } = parseJson(request.text());
  checkName(id);
  if (store.databases.has(id)) {
    return refuse(409, EXISTS);
  }
  const database = store.addDatabase(id);
  return { status: 201, body: describeDatabase(database), etag: database.etag };
}

function answerDatabase({ store }, request, database) {
  switch (request.method) {
    case 'GET':
      return { status: 200, body: describeDatabase(database), etag: database.etag };
    case 'DELETE':
      store.databases.delete(database.id);
      return { status: 204 };
    default:
      return refuse(405, NO_ROUTE);
  }
}

function answerContainers(context, request, database) {
  if (request.method === 'GET' || isQuery(request)) {
    return answerList(request, 'DocumentCollections', [...database.containers.values()].map(describeContainer));
  }
  if (request.method !== 'POST') {
    return refuse(405, NO_ROUTE);
  }
  checkThroughput(context, request);
  const definition = readDefinition(request.text());
  if (database.containers.has(definition.id)) {
    return refuse(409, EXISTS);
  }
  const container = database.addContainer(definition);
  return { status: 201, body: describeContainer(container), etag: container.etag };
}

function answerContainer(request, container) {
  switch (request.method) {
    case 'GET':
      return { status: 200, body: describeContainer(container), etag: container.etag };
    case 'PUT':
      checkEtag(request, container.etag);
      container.define(readReplacement(container, request.text()));
      return { status: 200, body: describeContainer(container), etag: container.etag };
    case 'DELETE':
      checkEtag(request, container.etag);
      container.database.containers.delete(container.id);
      return { status: 204 };
    default:
      return refuse(405, NO_ROUTE);
  }
}

/** The ranges of a container never change, so whoever has them needs them no more. */
function answerRanges(request, container) {
  const isKnown = request.headers['if-none-match'] === RANGES_ETAG;
  return isKnown ? { status: 304, etag: RANGES_ETAG } : { status: 200, body: describeRanges(container), etag: RANGES_ETAG };
}

/** Throughput: serverless accounts, which this is one of unless its settings say otherwise, have none to tell. */
function answerOffers({ settings, store }, request) {
  if (!settings.throughput) {
    return refuse(400, NO_OFFERS);
  }
  const containers = [...store.databases.values()].flatMap((database) => [...database.containers.values()]);
  const offers = containers.map((container) => ({
    id: container.rid,
    _rid: container.rid,
    _self: `offers/${container.rid}/`,
    _etag: container.etag,
    _ts: container.changedAt,
    resource: `dbs/${container.database.rid}/colls/${container.rid}/`,
    offerResourceId: container.rid,
    offerType: 'Invalid',
    offerVersion: 'V2',
    content: { offerThroughput: settings.throughput, offerIsRUPerMinuteThroughputEnabled: false },
  }));
  if (request.method !== 'GET' && !isQuery(request)) {
    return refuse(405, NO_ROUTE);
  }
  if (request.parts.length === 1) {
    return answerList(request, 'Offers', offers);
  }
  const offer = offers.find((one) => one._rid === request.parts[1]);
  return offer ? { status: 200, body: offer, etag: offer._etag } : refuse(404, 'Resource Not Found');
}

function answerInContainer(context, request, database) {
  const { parts } = request;
  const container = database.findContainer(parts[3]);
  if (!container) {
    return refuse(404, OWNER_MISSING, parts.length > 4 ? 1003 : 0);
  }
  if (parts.length === 4) {
    return answerContainer(request, container);
  }
  if (parts[4] === 'pkranges') {
    return answerRanges(request, container);
  }
  // A path goes no deeper than to an item, so an id with a slash leads nowhere.
  return parts[4] === 'docs' && parts.length <= 6 ? answerDocuments(context, container, request) : refuse(404, 'Resource Not Found');
}

/** Answers a request by its path: types and names in turn, such as dbs/<name>/colls/<name>/docs/<id>. */
function route(context, request) {
  const { parts } = request;
  if (parts.length === 0) {
    return answerAccount(request);
  }
  if (parts[0] === 'offers') {
    return answerOffers(context, request);
  }
  if (parts[0] !== 'dbs' || (parts.length > 2 && parts[2] !== 'colls')) {
    return refuse(404, 'Resource Not Found');
  }
  if (parts.length === 1) {
    return answerDatabases(context, request);
  }
  const database = context.store.findDatabase(parts[1]);
  if (!database) {
    return refuse(404, OWNER_MISSING, parts.length > 2 ? 1003 : 0);
  }
  switch (parts.length) {
    case 2:
      return answerDatabase(context, request, database);
    case 3:
      return answerContainers(context, request, database);
    default:
      return answerInContainer(context, request, database);
  }
}

module.exports = { route };
