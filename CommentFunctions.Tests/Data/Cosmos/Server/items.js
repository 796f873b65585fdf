'use strict';

const { parseJson, refusal, Refusal } = require('./answers.js');
const charges = require('./charges.js');
const { OTHER_KEY, keyOfDocument } = require('./partition-keys.js');

const MAX_ITEM_BYTES = 2 * 1024 * 1024;
const MAX_ID_BYTES = 1023;
const MAX_TTL = 2147483647;

// The texts are those of RMResources, which the client's Microsoft.Azure.Cosmos.Direct.dll has.
const MISSING = 'Entity with the specified id does not exist in the system. More info: https://aka.ms/cosmosdb-tsg-not-found';
const CONFLICT = 'Entity with the specified id already exists in the system.';
const CHANGED = 'Operation cannot be performed because one of the specified precondition is not met.';
const TOO_LARGE = 'The size of the request exceeded the maximum allowed size.';

/** Whether an item of this id can be reached by its path: https://learn.microsoft.com/azure/cosmos-db/nosql/troubleshoot-not-found */
const isAddressable = (id) => !/[/\\?#]/.test(id);

function refused(status, message, substatus, charge) {
  const error = refusal(status, message, substatus);
  error.answer.charge = charge;
  return error;
}

function checkId(id) {
  if (typeof id !== 'string' || id === '') {
    throw refusal(400, "The input content is invalid because the required properties - 'id; ' - are missing");
  }
  if (Buffer.byteLength(id) > MAX_ID_BYTES) {
    throw refusal(400, `The input name is longer than ${MAX_ID_BYTES} bytes.`);
  }
}

/** https://learn.microsoft.com/azure/cosmos-db/time-to-live: a null is no way to say that the container's value holds. */
function checkTtl(ttl) {
  const isValid = ttl === undefined || ttl === -1 || (Number.isInteger(ttl) && ttl > 0 && ttl <= MAX_TTL);
  if (!isValid) {
    throw refusal(400, `The input ttl '${ttl}' is invalid. Ensure to provide a nonzero positive integer or -1.`);
  }
}

function parseDocument(view, body) {
  if (Buffer.byteLength(body) > MAX_ITEM_BYTES) {
    throw refusal(413, TOO_LARGE);
  }
  const document = parseJson(body);
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw refusal(400, 'The input content is invalid because an item is a JSON object.');
  }
  checkId(document.id);
  checkTtl(document.ttl);
  if (keyOfDocument(view.container.keyPaths, document) !== view.key) {
    throw refusal(400, OTHER_KEY, 1001);
  }
  return document;
}

function store(view, document, previous) {
  const version = view.container.createVersion(document, previous);
  view.put(document.id, version);
  const charge = previous ? charges.forReplace(view.container, document) : charges.forWrite(view.container, document);
  return { status: previous ? 200 : 201, document: version.document, etag: version.document._etag, charge };
}

function find(view, id, charge) {
  const version = isAddressable(id) ? view.find(id) : undefined;
  if (!version) {
    throw refused(404, MISSING, 0, charge);
  }
  return version;
}

function checkEtag(version, { ifMatch }) {
  if (ifMatch && ifMatch !== '*' && ifMatch !== version.document._etag) {
    throw refused(412, CHANGED, 0, charges.REFUSED_WRITE);
  }
}

function create(view, { body }) {
  const document = parseDocument(view, body);
  if (view.find(document.id)) {
    throw refused(409, CONFLICT, 0, charges.REFUSED_WRITE);
  }
  return store(view, document);
}

/** Conditions only hold where there is an item: IfMatchEtag and IfNoneMatchEtag in the reference of RequestOptions. */
function upsert(view, operation) {
  const document = parseDocument(view, operation.body);
  const previous = view.find(document.id);
  if (previous) {
    checkEtag(previous, operation);
    if (operation.ifNoneMatch === '*' || operation.ifNoneMatch === previous.document._etag) {
      throw refused(412, CHANGED, 0, charges.REFUSED_WRITE);
    }
  }
  return store(view, document, previous);
}

function read(view, { id, ifNoneMatch }) {
  const { document } = find(view, id, charges.MISS);
  if (ifNoneMatch === '*' || ifNoneMatch === document._etag) {
    return { status: 304, etag: document._etag, charge: charges.MISS };
  }
  return { status: 200, document, etag: document._etag, charge: charges.forRead(document) };
}

function replace(view, operation) {
  const previous = find(view, operation.id, charges.REFUSED_WRITE);
  const document = parseDocument(view, operation.body);
  if (document.id !== operation.id) {
    throw refusal(400, 'The id in the item is not the one of the item that is to be replaced.');
  }
  checkEtag(previous, operation);
  return store(view, document, previous);
}

function remove(view, operation) {
  const previous = find(view, operation.id, charges.REFUSED_WRITE);
  checkEtag(previous, operation);
  view.put(operation.id, null);
  return { status: 204, charge: charges.forWrite(view.container, previous.document) };
}

const KINDS = { create, read, replace, upsert, delete: remove };

/**
 * Does one operation on what a view shows of one partition key: find(id) gives an item's version, put(id, version) takes a new one.
 * A view keeps what is put until its owner commits it.
 */
function perform(view, operation) {
  try {
    return KINDS[operation.kind](view, operation);
  } catch (error) {
    if (error instanceof Refusal) {
      return error.answer;
    }
    throw error;
  }
}

/** A view of a container's partition key, with the changes that wait for their commit. */
function createView(container, key, lsn = Infinity) {
  const changes = new Map();
  return {
    container,
    key,
    changes,
    find: (id) => (changes.has(id) ? changes.get(id) || undefined : container.find(key, id, lsn)),
    put: (id, version) => changes.set(id, version),
  };
}

module.exports = { createView, isAddressable, perform };
