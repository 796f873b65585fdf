metadata description = 'The comments in Azure Database for PostgreSQL: Microsoft Entra sign-in only, no password.'

@description('The suffix that makes names unique.')
@minLength(13)
@maxLength(13)
param suffix string

@description('Where the server is.')
param location string

@description('The tags of every resource.')
param tags object

@description('The object id of the app\'s identity.')
param appPrincipalId string

@description('The name of the app\'s identity, which is its user name on the server.')
param appPrincipalName string

@description('The client id of the app\'s identity.')
param appClientId string

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' = {
  name: 'psql-${suffix}'
  location: location
  tags: tags
  sku: {
    name: 'Standard_B1ms'
    tier: 'Burstable'
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
    network: { publicNetworkAccess: 'Enabled' }
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

// 0.0.0.0 means the addresses of Azure. The app has no address of its own without a virtual network.
resource azureAddresses 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2025-08-01' = {
  parent: server
  name: 'azure'
  properties: {
    startIpAddress: '0.0.0.0'
    endIpAddress: '0.0.0.0'
  }
  dependsOn: [database]
}

// As administrator, for it makes its tables itself: no deployment can run SQL. docs/operations.md says how to give it less.
resource administrator 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2025-08-01' = {
  parent: server
  name: appPrincipalId
  properties: {
    principalName: appPrincipalName
    principalType: 'ServicePrincipal'
    tenantId: tenant().tenantId
  }
  dependsOn: [azureAddresses]
}

output address string = server.properties.fullyQualifiedDomainName

// The smallest server takes some 35 connections of apps, and each instance holds up to 8.
@description('The settings by which the app finds this store.')
output settings object = {
  Comments__Store: 'Postgres'
  Comments__ConnectionString: 'Host=${server.properties.fullyQualifiedDomainName};Database=${database.name};Username=${appPrincipalName};SSL Mode=VerifyFull;Maximum Pool Size=8'
  Comments__CreateSchema: 'true'
  Comments__Credential: 'managedidentity'
  Comments__ClientId: appClientId
}
