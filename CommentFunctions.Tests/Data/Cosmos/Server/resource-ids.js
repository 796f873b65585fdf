'use strict';

// Resource ids have 4 bytes for the database, 4 for the container and 8 for the item, for clients take them apart.
// Their base64 has - where it would have /, for they are parts of paths.

const encode = (bytes) => bytes.toString('base64').replace(/\//g, '-');

function databaseRid(database) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(0x1000 + database);
  return encode(bytes);
}

function containerBytes(database, container, size) {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt32BE(0x1000 + database, 0);
  // The highest bit tells a container from a user.
  bytes.writeUInt32BE((0x80000000 | container) >>> 0, 4);
  return bytes;
}

const containerRid = (database, container) => encode(containerBytes(database, container, 8));

function itemRid(database, container, sequence) {
  const bytes = containerBytes(database, container, 16);
  bytes.writeBigUInt64LE(BigInt(sequence), 8);
  return encode(bytes);
}

module.exports = { containerRid, databaseRid, itemRid };
