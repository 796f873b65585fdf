'use strict';

const { refusal, refuse } = require('./answers.js');
const charges = require('./charges.js');
const { readOperations, writeResults } = require('./hybridrow.js');
const { createView, isAddressable, perform } = require('./items.js');
const { parseKey } = require('./partition-keys.js');
const { checkSession, tokenOf } = require('./sessions.js');

// https://learn.microsoft.com/azure/cosmos-db/nosql/transactional-batch
const MAX_OPERATIONS = 100;
const MAX_BYTES = 2 * 1024 * 1024;

const FAILED_DEPENDENCY = { status: 424, charge: 0 };

// The numbers of Microsoft.Azure.Documents.OperationType and of the resource type Document.
const KINDS = { 0: 'create', 2: 'read', 4: 'delete', 5: 'replace', 20: 'upsert' };
const DOCUMENT = 2;

const isSet = (header) => /^true$/i.test(header || '');

function readBatch(body) {
  if (body.length > MAX_BYTES) {
    throw refusal(413, 'The size of the request exceeded the maximum allowed size.');
  }
  let operations;
  try {
    operations = readOperations(body);
  } catch (error) {
    throw refusal(400, `The batch request can not be read: ${error.message}`);
  }
  if (operations.length === 0) {
    throw refusal(400, 'Batch request has no operations.');
  }
  if (operations.length > MAX_OPERATIONS) {
    throw refusal(400, 'Batch request has more operations than what is supported.');
  }
  return operations.map((row) => ({ ...row, kind: row.resourceType === DOCUMENT ? KINDS[row.operationType] : undefined }));
}

function performRow(view, row) {
  if (row.kind === undefined || row.timeToLiveInSeconds !== undefined) {
    return { ...refuse(400, 'This stand-in does not know such an operation in a batch.'), charge: 0 };
  }
  if (row.partitionKey !== undefined && parseKey(row.partitionKey, view.container.keyPaths) !== view.key) {
    return { ...refuse(400, 'The operation names another partition key than the batch.', 1001), charge: 0 };
  }
  const body = row.resourceBody === undefined ? '' : row.resourceBody.toString();
  // A read takes either condition for "only if it was changed": BatchSinglePartitionKeyTests.cs in the client's emulator tests.
  const ifNoneMatch = row.kind === 'read' ? row.ifNoneMatch || row.ifMatch : row.ifNoneMatch;
  return perform(view, { kind: row.kind, id: row.id, body, ifMatch: row.ifMatch, ifNoneMatch });
}

/** A failed operation hands back no body: https://github.com/Azure/azure-cosmos-dotnet-v3/issues/5545 */
function resultOf(answer, row) {
  const isWanted = answer.document !== undefined && !(row.minimalReturnPreference && row.kind !== 'read');
  return {
    statusCode: answer.status,
    subStatusCode: Number(answer.substatus || 0),
    eTag: answer.etag,
    resourceBody: isWanted ? JSON.stringify(answer.document) : undefined,
    requestCharge: answer.charge || 0,
  };
}

/** All or nothing: the changes are applied as one commit, and only if no operation failed. */
function performAtomic(container, rows, key) {
  const view = createView(container, key);
  const answers = [];
  for (const row of rows) {
    const answer = performRow(view, row);
    answers.push(answer);
    if (answer.status >= 400) {
      return { failure: answers.length - 1, answers };
    }
  }
  if (view.changes.size > 0) {
    container.commit(key, view.changes);
  }
  return { answers, created: view.changes };
}

function answerAtomic(container, rows, keyHeader, sessionHeader) {
  if (keyHeader === undefined) {
    throw refusal(400, 'PartitionKey value must be supplied for this operation.');
  }
  const key = parseKey(keyHeader, container.keyPaths);
  const range = container.rangeOf(key);
  if (rows.some((row) => row.kind === 'read')) {
    checkSession(sessionHeader, range);
  }
  const { failure, answers, created = new Map() } = performAtomic(container, rows, key);
  const reported = rows.map((_, index) => {
    const isOwn = failure === undefined || index === failure;
    // What a failed batch did before it failed is charged for all the same.
    return isOwn ? answers[index] : { ...FAILED_DEPENDENCY, charge: index < failure ? answers[index].charge : 0 };
  });
  return { range, reported, created };
}

/** Operations of one physical partition that have nothing to do with one another: the client's bulk mode. */
function answerBulk(container, rows, rangeId, continuesOnError) {
  const range = container.ranges.find((one) => one.id === (rangeId === undefined ? '0' : rangeId));
  if (!range) {
    throw refusal(410, 'The requested resource is no longer available at the server.', 1002);
  }
  const created = new Map();
  let isStopped = false;
  const reported = rows.map((row) => {
    if (isStopped) {
      return FAILED_DEPENDENCY;
    }
    const answer = performAlone(container, range, row, created);
    isStopped = answer.status >= 400 && !continuesOnError;
    return answer;
  });
  return { range, reported, created };
}

function performAlone(container, range, row, created) {
  if (row.partitionKey === undefined) {
    return { ...refuse(400, 'PartitionKey value must be supplied for this operation.'), charge: 0 };
  }
  const key = parseKey(row.partitionKey, container.keyPaths);
  if (container.rangeOf(key) !== range) {
    return { ...refuse(410, 'The partition key is in another partition key range.', 1002), charge: 0 };
  }
  const view = createView(container, key);
  const answer = performRow(view, row);
  if (answer.status < 300 && view.changes.size > 0) {
    container.commit(key, view.changes);
    view.changes.forEach((version, id) => created.set(id, version));
  }
  return answer;
}

/** A batch request: several operations with one answer. */
function answerBatch({ record }, container, { headers, body }) {
  const rows = readBatch(body);
  const { range, reported, created } = isSet(headers['x-ms-cosmos-batch-atomic'])
    ? answerAtomic(container, rows, headers['x-ms-documentdb-partitionkey'], headers['x-ms-session-token'])
    : answerBulk(container, rows, headers['x-ms-documentdb-partitionkeyrangeid'], isSet(headers['x-ms-cosmos-batch-continue-on-error']));
  for (const [id, version] of created) {
    if (version && !isAddressable(id)) {
      record.illegalId(container.id);
    }
  }
  const results = reported.map((answer, index) => resultOf(answer, rows[index]));
  return {
    status: reported.every((answer) => answer.status < 300) ? 200 : 207,
    raw: writeResults(results),
    charge: charges.rounded(results.reduce((total, result) => total + result.requestCharge, 0)),
    range,
    session: tokenOf(range, range.lsn),
    detail: `${rows.length} operations`,
  };
}

module.exports = { answerBatch };
