'use strict';

const crypto = require('crypto');
const { effectiveKey, namesOf } = require('./partition-keys.js');
const { createRanges } = require('./ranges.js');
const { containerRid, databaseRid, itemRid } = require('./resource-ids.js');
const { nowSeconds } = require('./settings.js');

const newEtag = () => `"${crypto.randomUUID()}"`;

/** A container: its items by partition key and id, each with the versions that a lagging replica may still show. */
class Container {
  constructor(database, number, definition, settings) {
    this.database = database;
    this.number = number;
    this.id = definition.id;
    this.rid = containerRid(database.number, number);
    this.settings = settings;
    this.keyPaths = definition.partitionKey.paths.map(namesOf);
    this.ranges = createRanges(settings.ranges, definition.partitionKey.version);
    this.partitions = new Map();
    this.nextSequence = 1;
    this.spent = 0;
    this.spentSecond = 0;
    this.define(definition);
  }

  define(definition) {
    this.definition = definition;
    this.etag = newEtag();
    this.changedAt = nowSeconds(this.settings);
  }

  rangeOf(key) {
    const known = this.partitions.get(key);
    const place = known ? known.place : effectiveKey(key, this.definition.partitionKey.version);
    return this.ranges.find((range) => range.holds(place));
  }

  /** The item's newest version; undefined if there is none, or if its time to live is over. */
  find(key, id, lsn = Infinity) {
    const partition = this.partitions.get(key);
    const versions = partition && partition.items.get(id);
    return versions ? this.versionAt(versions, lsn) : undefined;
  }

  /** A new version of an item, which keeps the place of the one before it. */
  createVersion(document, previous) {
    const sequence = previous ? previous.sequence : this.nextSequence++;
    const rid = previous ? previous.document._rid : itemRid(this.database.number, this.number, sequence);
    const self = `dbs/${this.database.rid}/colls/${this.rid}/docs/${rid}/`;
    const system = { _rid: rid, _self: self, _etag: newEtag(), _attachments: 'attachments/', _ts: nowSeconds(this.settings) };
    return { sequence, document: { ...document, ...system } };
  }

  /** Applies changes of one partition key as one commit: ids with a new version each, or null where the item goes. */
  commit(key, changes) {
    let partition = this.partitions.get(key);
    if (!partition) {
      const place = effectiveKey(key, this.definition.partitionKey.version);
      partition = { place, range: this.ranges.find((range) => range.holds(place)), items: new Map() };
      this.partitions.set(key, partition);
    }
    const lagMs = this.settings.lagMs;
    const lsn = partition.range.advance(lagMs);
    const applied = partition.range.settle(lagMs);
    for (const [id, version] of changes) {
      const versions = partition.items.get(id) || [];
      versions.push(version ? { lsn, ...version } : { lsn });
      const oldest = versions.findLastIndex((one) => one.lsn <= applied);
      versions.splice(0, Math.max(0, oldest));
      if (versions.length === 1 && !versions[0].document) {
        partition.items.delete(id);
      } else {
        partition.items.set(id, versions);
      }
    }
    if (partition.items.size === 0) {
      this.partitions.delete(key);
    }
  }

  /** The items of one partition key, or of the keys that a test of their place lets pass, as they were at an LSN. */
  *versions(key, isInScope, lsn) {
    const partitions = key === null ? this.partitions.values() : [this.partitions.get(key)];
    for (const partition of partitions) {
      if (partition && isInScope(partition.place)) {
        for (const versions of partition.items.values()) {
          const version = this.versionAt(versions, lsn);
          if (version) {
            yield version;
          }
        }
      }
    }
  }

  /** All items as they are. */
  documents() {
    return Array.from(this.versions(null, () => true, Infinity), (version) => version.document);
  }

  versionAt(versions, lsn) {
    const version = versions.findLast((one) => one.lsn <= lsn);
    return version && version.document && this.isLive(version.document) ? version : undefined;
  }

  isLive(document) {
    const { defaultTtl } = this.definition;
    if (defaultTtl === undefined || defaultTtl === null) {
      return true;
    }
    const seconds = document.ttl === undefined ? defaultTtl : document.ttl;
    return seconds === -1 || document._ts + seconds > nowSeconds(this.settings);
  }
}

class Database {
  constructor(id, number, settings) {
    this.id = id;
    this.number = number;
    this.rid = databaseRid(number);
    this.settings = settings;
    this.etag = newEtag();
    this.changedAt = nowSeconds(settings);
    this.containers = new Map();
    this.nextContainer = 1;
  }

  addContainer(definition) {
    const container = new Container(this, this.nextContainer++, definition, this.settings);
    this.containers.set(container.id, container);
    return container;
  }

  findContainer(name) {
    return this.containers.get(name) || [...this.containers.values()].find((container) => container.rid === name);
  }
}

/** The account: what clients reach by name or by resource id. */
class Store {
  constructor(settings) {
    this.settings = settings;
    this.databases = new Map();
    this.nextDatabase = 1;
  }

  addDatabase(id) {
    const database = new Database(id, this.nextDatabase++, this.settings);
    this.databases.set(id, database);
    return database;
  }

  findDatabase(name) {
    return this.databases.get(name) || [...this.databases.values()].find((database) => database.rid === name);
  }

  findContainer(databaseName, containerName) {
    const database = this.findDatabase(databaseName);
    return database && database.findContainer(containerName);
  }
}

module.exports = { Store };
