metadata description = 'The queues: the bot\'s, and that of the runs by hand. Standard is the smallest tier that knows repeats.'

@description('The suffix that makes names unique.')
@minLength(13)
@maxLength(13)
param suffix string

@description('Where the namespace is.')
param location string

@description('The tags of every resource.')
param tags object

@description('The object id of the app\'s identity.')
param appPrincipalId string

@description('The object id of an operator; empty for none.')
param operatorId string

@description('What the operator is.')
param operatorType string

var queueNames = [
  'bot-messages'
  'bot-replies'
  'expiry-runs'
]

var dataReceiver = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
var dataSender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
var roles = [
  dataReceiver
  dataSender
]

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: 'sbns-${suffix}'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
    tier: 'Standard'
  }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: 'Enabled'
  }
}

// An answer that is a day old helps nobody: it is given up on, and seen as a dead letter. A lock of a minute is renewed by the host
// for up to maxAutoLockRenewalDuration (host.json).
resource queues 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [
  for queue in queueNames: {
    parent: namespace
    name: queue
    properties: {
      lockDuration: 'PT1M'
      maxDeliveryCount: 10
      defaultMessageTimeToLive: 'P1D'
      deadLetteringOnMessageExpiration: true
      requiresDuplicateDetection: true
      duplicateDetectionHistoryTimeWindow: 'PT10M'
      maxSizeInMegabytes: 5120
    }
  }
]

resource appRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: {
    scope: namespace
    name: guid(namespace.id, appPrincipalId, role)
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

resource operatorRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: if (!empty(operatorId)) {
    scope: namespace
    name: guid(namespace.id, operatorId, role)
    properties: {
      principalId: operatorId
      principalType: operatorType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

output id string = namespace.id
output host string = split(split(namespace.properties.serviceBusEndpoint, '//')[1], ':')[0]
