metadata description = 'The queues: the bot\'s, and that of the runs by hand. Standard is the smallest tier that knows repeats, Premium the only one that can be closed to the public.'

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

@description('Whether only a private endpoint reaches it.')
param closed bool

var queueNames = [
  'bot-messages'
  'bot-replies'
  'expiry-runs'
]

var dataOwner = '090c5cfd-751d-490a-894a-3ce6f1109419'
var operatorRoleIds = [
  '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
  '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
]

// A tier cannot be changed for the other, so that each has a name of its own.
resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: closed ? 'sbnsp-${suffix}' : 'sbns-${suffix}'
  location: location
  tags: tags
  sku: closed
    ? {
        name: 'Premium'
        tier: 'Premium'
        capacity: 1
      }
    : {
        name: 'Standard'
        tier: 'Standard'
      }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: closed ? 'Disabled' : 'Enabled'
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

// Owner of these queues and of nothing else: who may not manage a queue does not learn its length, and without it the plan starts one
// instance at a time, however many messages wait.
resource appRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (queue, index) in queueNames: {
    scope: queues[index]
    name: guid(namespace.id, queue, appPrincipalId, dataOwner)
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataOwner)
    }
  }
]

resource operatorRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in operatorRoleIds: if (!empty(operatorId)) {
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
