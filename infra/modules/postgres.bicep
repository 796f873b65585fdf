metadata description = 'The comments in Azure Database for PostgreSQL: Microsoft Entra sign-in only, no password.'

@description('The suffix that makes names unique.')
@minLength(13)
@maxLength(13)
param suffix string

@description('Where the server is.')
param location string

@description('The tags of every resource.')
param tags object

@description('The name of the app\'s identity, which is its role on the server.')
param appName string

@description('The client id of the app\'s identity.')
param appClientId string

@description('The object id of the operator, who makes the app\'s role; empty for none.')
param operatorId string

@description('The name by which the operator signs in.')
param operatorName string

@description('What the operator is.')
param operatorType string

@description('The size of the server.')
param size string

@description('The most instances of the app that run at once, of all groups of functions together.')
param instances int

@description('Whether only a private endpoint and the operator\'s address reach it.')
param closed bool

@description('The public IPv4 address of the operator\'s machine; empty for none.')
param operatorAddress string

// What a server of this size takes of connections that are not its own.
var connections = {
  Standard_B1ms: 35
  Standard_B2s: 414
  Standard_B2ms: 844
  Standard_D2ds_v5: 844
  Standard_D4ds_v5: 1703
}

// All instances together may open no more than that. More than eight are of no use to one.
var share = connections[size] / instances
var poolSize = share > 0
  ? min(share, 8)
  : fail('A server of size ${size} takes ${connections[size]} connections, which is less than one for each of ${instances} instances: take a larger POSTGRES_SIZE or a smaller MAXIMUM_INSTANCE_COUNT.')

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' = {
  name: 'psql-${suffix}'
  location: location
  tags: tags
  sku: {
    name: size
    tier: startsWith(size, 'Standard_B') ? 'Burstable' : 'GeneralPurpose'
  }
  properties: {
    version: '17'
    authConfig: {
      activeDirectoryAuth: 'Enabled'
      passwordAuth: 'Disabled'
      tenantId: tenant().tenantId
    }
    storage: {
      storageSizeGB: 32
      autoGrow: 'Enabled'
    }
    backup: {
      backupRetentionDays: 7
      geoRedundantBackup: 'Disabled'
    }
    highAvailability: { mode: 'Disabled' }
    network: { publicNetworkAccess: closed && empty(operatorAddress) ? 'Disabled' : 'Enabled' }
  }
}

// A server takes one change at a time, so each of these waits for the one before.
resource database 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2025-08-01' = {
  parent: server
  name: 'comments'
  properties: {
    charset: 'UTF8'
    collation: 'en_US.utf8'
  }
}

// 0.0.0.0 means the addresses of Azure, whosever they are. The app has no address of its own without a network.
resource azureAddresses 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2025-08-01' = if (!closed) {
  parent: server
  name: 'azure'
  properties: {
    startIpAddress: '0.0.0.0'
    endIpAddress: '0.0.0.0'
  }
  dependsOn: [database]
}

resource operatorsAddress 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2025-08-01' = if (!empty(operatorAddress)) {
  parent: server
  name: 'operator'
  properties: {
    startIpAddress: operatorAddress
    endIpAddress: operatorAddress
  }
  dependsOn: [database, azureAddresses]
}

// The app is none: its role is made after the deployment, by infra/postgres/role.cs.
resource administrator 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2025-08-01' = if (!empty(operatorId)) {
  parent: server
  name: operatorId
  properties: {
    principalName: operatorName
    principalType: operatorType
    tenantId: tenant().tenantId
  }
  dependsOn: [database, azureAddresses, operatorsAddress]
}

output id string = server.id
output address string = server.properties.fullyQualifiedDomainName

@description('The settings by which the app finds this store.')
output settings object = {
  Comments__Store: 'Postgres'
  Comments__ConnectionString: 'Host=${server.properties.fullyQualifiedDomainName};Database=${database.name};Username=${appName};SSL Mode=VerifyFull;Maximum Pool Size=${poolSize}'
  Comments__CreateSchema: 'true'
  Comments__Credential: 'managedidentity'
  Comments__ClientId: appClientId
}
