metadata description = 'The comments in Azure Cosmos DB, paid by consumption.'

@description('The suffix that makes names unique.')
@minLength(13)
@maxLength(13)
param suffix string

@description('Where the account is.')
param location string

@description('The tags of every resource.')
param tags object

@description('The age in hours at which a comment expires.')
@minValue(1)
param retentionHours int

@description('The object id of the app\'s identity.')
param appPrincipalId string

@description('The client id of the app\'s identity.')
param appClientId string

@description('The object id of an operator, who may read and write the data; empty for none.')
param operatorId string

@description('Whether only a private endpoint and the operator\'s address reach it.')
param closed bool

@description('The public IPv4 address that reaches a closed account; empty for none.')
param operatorAddress string

var databaseName = 'comments'
var dataContributor = '00000000-0000-0000-0000-000000000002'

// The job's rule is the time in the item. The containers' time to live only catches what no run came for; it counts from an item's
// last write, and a day more than the retention keeps it from deleting, uncounted, what the next run is about to delete. The records
// of deliveries are kept as long as the queue may bring a repeat, which is a day.
var lifetime = (retentionHours + 24) * 3600
var deliveriesLifetime = (max(retentionHours, 24) + 24) * 3600
var runsLifetime = 31 * 24 * 3600

// What is not asked for is not indexed, which makes writes cheaper. Each sorted list is the order of one query: a user's latest
// comment and the pages of a listing, a conversation's newest messages, the latest runs. The time by which a run deletes is indexed.
var containers = [
  {
    name: 'users'
    partitionKey: '/userName'
    ttl: -1
    included: [{ path: '/userName/?' }]
    sorted: []
  }
  {
    name: 'comments'
    partitionKey: '/userName'
    ttl: lifetime
    included: [{ path: '/userName/?' }, { path: '/createdAt/?' }]
    sorted: [[{ path: '/createdAt', order: 'descending' }, { path: '/id', order: 'descending' }]]
  }
  {
    name: 'conversations'
    partitionKey: '/conversation'
    ttl: lifetime
    included: [{ path: '/conversation/?' }, { path: '/receivedAt/?' }, { path: '/keptSince/?' }]
    sorted: [[{ path: '/receivedAt', order: 'descending' }, { path: '/id', order: 'descending' }]]
  }
  {
    name: 'deliveries'
    partitionKey: '/id'
    ttl: deliveriesLifetime
    included: [{ path: '/deliveredAt/?' }]
    sorted: []
  }
  {
    name: 'runs'
    partitionKey: '/partition'
    ttl: runsLifetime
    included: [{ path: '/startedAt/?' }, { path: '/outcome/?' }, { path: '/dryRun/?' }, { path: '/olderThan/?' }]
    sorted: [[{ path: '/startedAt', order: 'descending' }, { path: '/id', order: 'descending' }]]
  }
]

resource account 'Microsoft.DocumentDB/databaseAccounts@2025-04-15' = {
  name: 'cosmos-${suffix}'
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    capabilities: [{ name: 'EnableServerless' }]
    consistencyPolicy: { defaultConsistencyLevel: 'Session' }
    locations: [
      {
        locationName: location
        failoverPriority: 0
        isZoneRedundant: false
      }
    ]
    disableLocalAuth: true
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: closed && empty(operatorAddress) ? 'Disabled' : 'Enabled'
    ipRules: closed && !empty(operatorAddress) ? [{ ipAddressOrRange: operatorAddress }] : []
    backupPolicy: {
      type: 'Continuous'
      continuousModeProperties: { tier: 'Continuous7Days' }
    }
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2025-04-15' = {
  parent: account
  name: databaseName
  properties: {
    resource: { id: databaseName }
  }
}

resource appContainers 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-04-15' = [
  for container in containers: {
    parent: database
    name: container.name
    properties: {
      resource: {
        id: container.name
        partitionKey: {
          kind: 'Hash'
          version: 2
          paths: [container.partitionKey]
        }
        defaultTtl: container.ttl
        indexingPolicy: {
          indexingMode: 'consistent'
          automatic: true
          includedPaths: container.included
          excludedPaths: [{ path: '/*' }, { path: '/"_etag"/?' }]
          compositeIndexes: container.sorted
        }
      }
    }
  }
]

resource appRole 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-11-15' = {
  parent: account
  name: guid(account.id, databaseName, appPrincipalId, dataContributor)
  properties: {
    principalId: appPrincipalId
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataContributor}'
    scope: '${account.id}/dbs/${database.name}'
  }
}

// After the app's: an account takes one change of its roles at a time.
resource operatorRole 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-11-15' = if (!empty(operatorId)) {
  parent: account
  name: guid(account.id, databaseName, operatorId, dataContributor)
  properties: {
    principalId: operatorId
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataContributor}'
    scope: '${account.id}/dbs/${database.name}'
  }
  dependsOn: [appRole]
}

output id string = account.id
output address string = account.properties.documentEndpoint

@description('The settings by which the app finds this store.')
output settings object = {
  Comments__Store: 'Cosmos'
  Comments__AccountEndpoint: account.properties.documentEndpoint
  Comments__Database: database.name
  Comments__Credential: 'managedidentity'
  Comments__ClientId: appClientId
  AZURE_COSMOS_OPTIMISTIC_DIRECT_EXECUTION_ENABLED: 'true'
}
