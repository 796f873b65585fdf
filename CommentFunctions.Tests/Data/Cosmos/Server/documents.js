'use strict';

const { refuse, refusal } = require('./answers.js');
const { answerBatch } = require('./batch.js');
const { createView, isAddressable, perform } = require('./items.js');
const { parseKey } = require('./partition-keys.js');
const { answerPlan, answerQuery } = require('./queries.js');
const { tokenOf, visibleLsn } = require('./sessions.js');
const { UnknownHere } = require('./sql-tokens.js');

const WRITES = ['create', 'replace', 'upsert', 'delete'];

/** One operation on one item. */
function answerPoint({ settings, record }, container, { headers, id, operation, text }) {
  const keyHeader = headers['x-ms-documentdb-partitionkey'];
  if (keyHeader === undefined) {
    throw refusal(400, 'PartitionKey value must be supplied for this operation.');
  }
  const key = parseKey(keyHeader, container.keyPaths);
  const range = container.rangeOf(key);
  const lsn = operation === 'read' ? visibleLsn(headers['x-ms-session-token'], range, settings.lagMs) : Infinity;
  const view = createView(container, key, lsn);
  const answer = perform(view, { kind: operation, id, body: text(), ifMatch: headers['if-match'], ifNoneMatch: headers['if-none-match'] });
  if (view.changes.size > 0) {
    container.commit(key, view.changes);
  }
  if (answer.status < 300 && answer.document && !isAddressable(answer.document.id)) {
    record.illegalId(container.id);
  }
  const isMinimal = WRITES.includes(operation) && /return=minimal/.test(headers.prefer || '');
  return { body: isMinimal ? undefined : answer.document, ...answer, range, session: tokenOf(range, Math.min(lsn, range.lsn)) };
}

/** What a request of the path .../docs or .../docs/<id> is answered. */
function answerDocuments(context, container, request) {
  switch (request.operation) {
    case 'plan':
      return answerPlan(container, request);
    case 'batch':
      return answerBatch(context, container, request);
    case 'feed':
      if (request.headers['a-im']) {
        throw new UnknownHere('the change feed');
      }
      return answerQuery(context, container, request);
    case 'query':
      return answerQuery(context, container, request);
    case 'patch':
      throw new UnknownHere('patch');
    default:
      return WRITES.includes(request.operation) || request.operation === 'read'
        ? answerPoint(context, container, request)
        : refuse(405, 'The requested verb is not supported.');
  }
}

module.exports = { answerDocuments };
