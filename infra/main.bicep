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

@description('The most instances that a burst may start of each group of functions that scales by itself. Some regions take no less than 40.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('The instances for HTTP that are kept started, each of which is paid for all the time.')
@minValue(0)
param alwaysReadyHttp int = 0

@description('Whether the health endpoint is called every 15 minutes, and an alert sent when it does not answer, or says that expired comments are not deleted.')
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

@description('The month\'s costs of the resource group, in the currency of the subscription, of which alerts tell; 0 for none. Nothing is stopped by it.')
@minValue(0)
param monthlyBudget int = 100

@description('The first day of the month in which the budget was made; empty for this month. A budget keeps it, so azd remembers it from the outputs.')
param budgetStart string = ''

@description('The month of this deployment.')
param thisMonth string = utcNow('yyyy-MM-01')

@description('The gigabytes of logs, traces and metrics that are taken in on a day. What comes after them is lost until the next day.')
@minValue(1)
param dailyLogGigabytes int = 1

@description('The part of the traces that is sent, by host and app alike: 1 for all, 0.1 for a tenth. Metrics and the app\'s log are always whole.')
param tracesPart string = '1'

@description('Whether the app reaches storage, queues, vault and store by a virtual network, and nobody else does. It takes the Premium tier of Service Bus, and has to be decided before the first deployment.')
param vnetEnabled bool = false

@description('The public IPv4 address of the operator\'s machine: it reaches the vault and the store where the network is closed, and PostgreSQL in any case; empty for none.')
param operatorAddress string = ''

@description('The size of the PostgreSQL server. Its connections are shared out among all instances.')
@allowed([
  'Standard_B1ms'
  'Standard_B2s'
  'Standard_B2ms'
  'Standard_D2ds_v5'
  'Standard_D4ds_v5'
])
param postgresSize string = 'Standard_B2s'

@description('Whether the vault cannot be purged before its time, by anybody. It cannot be turned off again, and keeps the environment\'s name taken for a week after azd down.')
param purgeProtection bool = false

var suffix = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName }

// What scales by itself: HTTP as one, and each function with a timer or a queue.
var functionGroups = 5

// PostgreSQL knows its administrator by a name: a person by the own one, which pipelines and groups do not have.
var deployerName = deployer().?userPrincipalName ?? ''
var operatorName = deployer().objectId == principalId && !empty(deployerName) ? deployerName : principalId

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
    dailyLogGigabytes: dailyLogGigabytes
  }
}

module network 'modules/network.bicep' = if (vnetEnabled) {
  name: 'network'
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
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
    closed: vnetEnabled
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
    closed: vnetEnabled
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
    workspaceId: monitoring.outputs.workspaceId
    closed: vnetEnabled
    operatorAddress: operatorAddress
    purgeProtection: purgeProtection
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
    closed: vnetEnabled
    operatorAddress: operatorAddress
  }
}

module postgres 'modules/postgres.bicep' = if (store == 'Postgres') {
  name: 'postgres'
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    appName: identity.outputs.name
    appClientId: identity.outputs.clientId
    operatorId: principalId
    operatorName: operatorName
    operatorType: principalType
    size: postgresSize
    instances: maximumInstanceCount * functionGroups
    closed: vnetEnabled
    operatorAddress: operatorAddress
  }
}

module storageEndpoint 'modules/private-endpoint.bicep' = if (vnetEnabled) {
  name: 'storage-endpoint'
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    serviceName: 'blob'
    serviceId: storage.outputs.id
    part: 'blob'
    zone: 'privatelink.blob.${environment().suffixes.storage}'
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointsSubnetId
  }
}

module serviceBusEndpoint 'modules/private-endpoint.bicep' = if (vnetEnabled) {
  name: 'servicebus-endpoint'
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    serviceName: 'servicebus'
    serviceId: serviceBus.outputs.id
    part: 'namespace'
    zone: 'privatelink.servicebus.windows.net'
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointsSubnetId
  }
}

module keyVaultEndpoint 'modules/private-endpoint.bicep' = if (vnetEnabled) {
  name: 'keyvault-endpoint'
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    serviceName: 'vault'
    serviceId: keyVault.outputs.id
    part: 'vault'
    zone: 'privatelink.vaultcore.azure.net'
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointsSubnetId
  }
}

module storeEndpoint 'modules/private-endpoint.bicep' = if (vnetEnabled) {
  name: 'store-endpoint'
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    serviceName: 'store'
    serviceId: store == 'Cosmos' ? cosmos!.outputs.id : postgres!.outputs.id
    part: store == 'Cosmos' ? 'Sql' : 'postgresqlServer'
    zone: store == 'Cosmos' ? 'privatelink.documents.azure.com' : 'privatelink.postgres.database.azure.com'
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointsSubnetId
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
    tracesPart: tracesPart
    subnetId: vnetEnabled ? network!.outputs.appSubnetId : ''
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
    alertEmail: alertEmail
    monthlyBudget: monthlyBudget
    budgetStart: empty(budgetStart) ? thisMonth : budgetStart
  }
}

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_APP_NAME string = app.outputs.name
output AZURE_FUNCTION_APP_ADDRESS string = app.outputs.address
output AZURE_APP_IDENTITY_NAME string = identity.outputs.name
output AZURE_APP_PRINCIPAL_ID string = identity.outputs.principalId
output AZURE_OPERATOR_NAME string = operatorName
output AZURE_KEY_VAULT_NAME string = keyVault.outputs.name
output AZURE_SERVICE_BUS_HOST string = serviceBus.outputs.host
output AZURE_APPLICATION_INSIGHTS_NAME string = monitoring.outputs.insightsName
output BUDGET_START string = empty(budgetStart) ? thisMonth : budgetStart
output COMMENT_STORE string = store
output COMMENT_STORE_ADDRESS string = store == 'Cosmos' ? cosmos!.outputs.address : postgres!.outputs.address
