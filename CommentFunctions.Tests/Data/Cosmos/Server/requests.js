'use strict';

const { refusal } = require('./answers.js');

const isSet = (header) => /^true$/i.test(header || '');

/** The parts of a path as they came. No request for an item has a query, so a question mark there belongs to the item's id. */
function rawPartsOf(url) {
  const [path, ...query] = url.replace(/^https?:\/\/[^/]*/, '').split('?');
  const parts = path.split('/').filter((part) => part !== '');
  if (query.length > 0 && parts[4] === 'docs' && parts.length > 5) {
    parts.push([parts.pop(), ...query].join('?'));
  }
  return parts;
}

/** The parts of a path, each decoded by itself: an escaped slash belongs to a name, and a plus is a plus. */
function partsOf(url) {
  try {
    return rawPartsOf(url).map(decodeURIComponent);
  } catch {
    throw refusal(400, 'The path of the request has a broken escape sequence.');
  }
}

function postOperation(headers) {
  if (isSet(headers['x-ms-cosmos-is-query-plan-request'])) {
    return 'plan';
  }
  if (isSet(headers['x-ms-documentdb-isquery']) || /query\+json/.test(headers['content-type'] || '')) {
    return 'query';
  }
  if (isSet(headers['x-ms-cosmos-is-batch-request'])) {
    return 'batch';
  }
  return isSet(headers['x-ms-documentdb-is-upsert']) ? 'upsert' : 'create';
}

/** What a request does to items; everything else is meta. */
function operationOf(method, parts, headers) {
  if (parts[4] !== 'docs') {
    return 'meta';
  }
  if (method === 'POST') {
    return postOperation(headers);
  }
  const ofItem = { GET: parts.length > 5 ? 'read' : 'feed', PUT: 'replace', DELETE: 'delete', PATCH: 'patch' };
  return ofItem[method] || method.toLowerCase();
}

function nameOf(operation, container, parts) {
  if (operation === 'meta') {
    return '-';
  }
  return container ? container.id : parts[3];
}

/** A request as the rest of the server sees it. */
function describeRequest(message, body, store) {
  const parts = partsOf(message.url);
  const { method, headers } = message;
  const operation = operationOf(method, parts, headers);
  const container = operation === 'meta' ? undefined : store.findContainer(parts[1], parts[3]);
  return {
    method,
    headers,
    parts,
    rawParts: rawPartsOf(message.url),
    body,
    operation,
    container,
    containerName: nameOf(operation, container, parts),
    id: parts[5],
    text: () => body.toString(),
  };
}

module.exports = { describeRequest, partsOf };
