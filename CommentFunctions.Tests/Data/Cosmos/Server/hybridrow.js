'use strict';

// HybridRow rows in a RecordIO stream: the bodies of a batch request and of its response. Only the schemas below are known.
// Layout and RecordIO: https://github.com/microsoft/HybridRow (src/Serialization/HybridRow, Docs/RecordIO.md)
// Schemas: https://github.com/Azure/azure-cosmos-dotnet-v3/blob/master/Microsoft.Azure.Cosmos/src/Batch/HybridRowBatchSchemas.json

const VERSION = 0x81;
const HEADER_SIZE = 5;
const SEGMENT_ID = 2147473648;
const RECORD_ID = 2147473649;
const RECORD_HEADER_SIZE = HEADER_SIZE + 8;

// The codes of the types that sparse columns have.
const TYPE_CODES = { false: 2, true: 3, int32: 7, uint32: 11, float64: 16, utf8: 20 };

// Fixed and variable columns have one presence bit each, in this order. A path token is the column's place, counted from 1.
const SCHEMAS = {
  operation: {
    id: 2145473648,
    fixed: [['operationType', 'int32'], ['resourceType', 'int32']],
    variable: [
      ['partitionKey', 'utf8'], ['effectivePartitionKey', 'binary'], ['id', 'utf8'], ['binaryId', 'binary'], ['resourceBody', 'binary'],
    ],
    sparse: ['indexingDirective', 'ifMatch', 'ifNoneMatch', 'timeToLiveInSeconds', 'minimalReturnPreference'],
  },
  result: {
    id: 2145473649,
    fixed: [['statusCode', 'int32'], ['subStatusCode', 'int32']],
    variable: [['eTag', 'utf8'], ['resourceBody', 'binary']],
    sparse: [['retryAfterMilliseconds', 'uint32'], ['requestCharge', 'float64']],
  },
};

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) {
    value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return value;
});

function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value = CRC_TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  }
  return (value ^ 0xffffffff) >>> 0;
}

/** Reads a buffer from its start to its end and refuses to read beyond. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  get isAtEnd() {
    return this.at >= this.bytes.length;
  }

  take(count) {
    if (count < 0 || this.at + count > this.bytes.length) {
      throw new RangeError('The row ends early.');
    }
    const part = this.bytes.subarray(this.at, this.at + count);
    this.at += count;
    return part;
  }

  varint() {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.take(1)[0];
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        return value;
      }
    }
  }

  header() {
    const header = this.take(HEADER_SIZE);
    if (header[0] !== VERSION) {
      throw new RangeError('This is no HybridRow.');
    }
    return header.readInt32LE(1);
  }

  sparseValue() {
    const code = this.take(1)[0];
    const token = this.varint();
    switch (code) {
      case TYPE_CODES.false:
        return [token, false];
      case TYPE_CODES.true:
        return [token, true];
      case TYPE_CODES.int32:
        return [token, this.take(4).readInt32LE()];
      case TYPE_CODES.utf8:
        return [token, this.take(this.varint()).toString()];
      default:
        throw new RangeError(`A sparse column has the unexpected type ${code}.`);
    }
  }
}

function varint(value) {
  const bytes = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

function header(schemaId) {
  const bytes = Buffer.alloc(HEADER_SIZE);
  bytes[0] = VERSION;
  bytes.writeInt32LE(schemaId, 1);
  return bytes;
}

/** Reads a row of BatchOperation. */
function readOperation(bytes) {
  const { id, fixed, variable, sparse } = SCHEMAS.operation;
  const reader = new Reader(bytes);
  if (reader.header() !== id) {
    throw new RangeError('The row is no batch operation.');
  }
  const presence = reader.take(1)[0];
  const row = {};
  fixed.forEach(([name], index) => {
    const value = reader.take(4).readInt32LE();
    if (presence & (1 << index)) {
      row[name] = value;
    }
  });
  variable.forEach(([name, type], index) => {
    if (presence & (1 << (fixed.length + index))) {
      const value = reader.take(reader.varint());
      row[name] = type === 'utf8' ? value.toString() : value;
    }
  });
  while (!reader.isAtEnd) {
    const [token, value] = reader.sparseValue();
    const name = sparse[token - fixed.length - variable.length - 1];
    if (name === undefined) {
      throw new RangeError('A column is not in the schema.');
    }
    row[name] = value;
  }
  return row;
}

/** Writes a row of BatchResult; what is undefined is left out. */
function writeResult(row) {
  const { id, fixed, variable, sparse } = SCHEMAS.result;
  const head = Buffer.alloc(1 + 4 * fixed.length);
  fixed.forEach(([name], index) => {
    head[0] |= 1 << index;
    head.writeInt32LE(row[name], 1 + 4 * index);
  });
  const parts = [header(id), head];
  variable.forEach(([name], index) => {
    if (row[name] !== undefined) {
      const value = Buffer.from(row[name]);
      head[0] |= 1 << (fixed.length + index);
      parts.push(varint(value.length), value);
    }
  });
  sparse.forEach(([name, type], index) => {
    if (row[name] !== undefined) {
      const value = Buffer.alloc(type === 'float64' ? 8 : 4);
      if (type === 'float64') {
        value.writeDoubleLE(row[name]);
      } else {
        value.writeUInt32LE(row[name]);
      }
      parts.push(Buffer.from([TYPE_CODES[type]]), varint(fixed.length + variable.length + index + 1), value);
    }
  });
  return Buffer.concat(parts);
}

/** The bodies of the records in a RecordIO stream. Each record's checksum has to fit. */
function readRecords(bytes) {
  const reader = new Reader(bytes);
  const records = [];
  while (!reader.isAtEnd) {
    const schemaId = reader.header();
    if (schemaId === SEGMENT_ID) {
      const rest = reader.take(5);
      const length = rest.readInt32LE(1);
      // The rest of a segment's row is a comment and a schema, which nothing here needs.
      reader.take(length - HEADER_SIZE - rest.length);
    } else if (schemaId === RECORD_ID) {
      const length = reader.take(4).readInt32LE();
      const checksum = reader.take(4).readUInt32LE();
      const record = reader.take(length);
      if (crc32(record) !== checksum) {
        throw new RangeError('A record has another checksum.');
      }
      records.push(record);
    } else {
      throw new RangeError('The stream has a row that is neither a segment nor a record.');
    }
  }
  return records;
}

/** A RecordIO stream of one segment with these rows. */
function writeRecords(rows) {
  const segment = Buffer.alloc(5);
  segment[0] = 1;
  segment.writeInt32LE(HEADER_SIZE + segment.length, 1);
  const parts = [header(SEGMENT_ID), segment];
  for (const row of rows) {
    const head = Buffer.alloc(RECORD_HEADER_SIZE - HEADER_SIZE);
    head.writeInt32LE(row.length, 0);
    head.writeUInt32LE(crc32(row), 4);
    parts.push(header(RECORD_ID), head, row);
  }
  return Buffer.concat(parts);
}

module.exports = {
  readOperations: (bytes) => readRecords(bytes).map(readOperation),
  writeResults: (results) => writeRecords(results.map(writeResult)),
};
