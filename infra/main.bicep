targetScope = 'subscription'

metadata description = 'The Azure resources of CommentFunctions: one resource group, one identity, no keys.'

@description('The environment, as azd names it. It is in the resource group\'s name, and with the location it decides the suffix of all others.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Where everything is. It has to be a region that has the Flex Consumption plan.')
@minLength(1)
@metadata({ azd: { type: 'location' } })
param location string

@description('Where the comments are: Cosmos, an Azure Cosmos DB account by consumption, or Postgres, an Azure Database for PostgreSQL server.')
@allowed([
  'Cosmos'
  'Postgres'
])
param store string = 'Cosmos'

@description('The age in hours at which a comment expires. It sets Comments:Retention, and with it the time to live of the containers.')
@minValue(1)
@maxValue(87600)
param retentionHours int = 24

@description('When expired comments are deleted: second minute hour day month weekday, UTC.')
@minLength(9)
param expirySchedule string = '0 0 3 * * *'

@description('The hours between two times of expirySchedule. An alert tells when twice as many went by without a run that succeeded.')
@allowed([
  1
  2
  3
  12
  24
])
param expiryIntervalHours int = 24

@description('Where alerts are sent; empty to see them in the portal only.')
param alertEmail string = ''

@description('The object id of a person or pipeline that may set the channels\' secrets, read the store and work on the queues; empty for none.')
param principalId string = ''

@description('What principalId is.')
@allowed([
  'User'
  'Group'
  'ServicePrincipal'
])
param principalType string = 'User'

@description('The most instances that a burst may start.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('The instances for HTTP that are kept started, each of which is paid for all the time.')
@minValue(0)
param alwaysReadyHttp int = 0

@description('Whether the health endpoint is called every 15 minutes, and an alert sent when it does not answer.')
param watchHealth bool = true

@description('Whether anyone may use the page, ask the bot over HTTP and list comments. Without it these routes answer 404.')
param webChannel bool = false

@description('Whether the bot is on Telegram. Its secrets have to be in the vault first; see docs/operations.md.')
param telegram bool = false

@description('The id of the bot\'s number at WhatsApp; empty to do without WhatsApp.')
param whatsAppPhoneNumberId string = ''

@description('The address of signal-cli-rest-api, which only the app should reach; empty to do without Signal.')
param signalAddress string = ''

@description('The bot\'s number at Signal, such as +491701234567.')
param signalNumber string = ''

var suffix = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName }

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    appPrincipalId: identity.outputs.principalId
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    appPrincipalId: identity.outputs.principalId
  }
}

module serviceBus 'modules/servicebus.bicep' = {
  name: 'servicebus'
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    appPrincipalId: identity.outputs.principalId
    operatorId: principalId
    operatorType: principalType
  }
}

module keyVault 'modules/keyvault.bicep' = {
  name: 'keyvault'
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    appPrincipalId: identity.outputs.principalId
    operatorId: principalId
    operatorType: principalType
  }
}

module cosmos 'modules/cosmos.bicep' = if (store == 'Cosmos') {
  name: 'cosmos'
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    retentionHours: retentionHours
    appPrincipalId: identity.outputs.principalId
    appClientId: identity.outputs.clientId
    operatorId: principalId
  }
}

module postgres 'modules/postgres.bicep' = if (store == 'Postgres') {
  name: 'postgres'
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    appPrincipalId: identity.outputs.principalId
    appPrincipalName: identity.outputs.name
    appClientId: identity.outputs.clientId
  }
}

module channels 'modules/channels.bicep' = {
  name: 'channels'
  scope: group
  params: {
    keyVaultName: keyVault.outputs.name
    webChannel: webChannel
    telegram: telegram
    whatsAppPhoneNumberId: whatsAppPhoneNumberId
    signalAddress: signalAddress
    signalNumber: signalNumber
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    insightsName: monitoring.outputs.insightsName
    blobEndpoint: storage.outputs.blobEndpoint
    packageContainer: storage.outputs.packageContainer
    serviceBusHost: serviceBus.outputs.host
    storeSettings: store == 'Cosmos' ? cosmos!.outputs.settings : postgres!.outputs.settings
    channelSettings: channels.outputs.settings
    retentionHours: retentionHours
    expirySchedule: expirySchedule
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyHttp: alwaysReadyHttp
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    insightsId: monitoring.outputs.insightsId
    serviceBusId: serviceBus.outputs.id
    healthAddress: '${app.outputs.address}/api/health'
    watchHealth: watchHealth
    expiryIntervalHours: expiryIntervalHours
    alertEmail: alertEmail
  }
}

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_APP_NAME string = app.outputs.name
output AZURE_FUNCTION_APP_ADDRESS string = app.outputs.address
output AZURE_KEY_VAULT_NAME string = keyVault.outputs.name
output AZURE_SERVICE_BUS_HOST string = serviceBus.outputs.host
output AZURE_APPLICATION_INSIGHTS_NAME string = monitoring.outputs.insightsName
output COMMENT_STORE string = store
output COMMENT_STORE_ADDRESS string = store == 'Cosmos' ? cosmos!.outputs.address : postgres!.outputs.address
