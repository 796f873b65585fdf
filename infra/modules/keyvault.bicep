metadata description = 'The vault of the channels\' secrets. The app reads them as its settings; nothing here knows their values.'

@description('The suffix that makes names unique.')
@minLength(13)
@maxLength(13)
param suffix string

@description('Where the vault is.')
param location string

@description('The tags of every resource.')
param tags object

@description('The object id of the app\'s identity.')
param appPrincipalId string

@description('The object id of an operator, who may set secrets; empty for none.')
param operatorId string

@description('What the operator is.')
param operatorType string

@description('The resource id of the workspace that is told who read or changed a secret.')
param workspaceId string

@description('Whether only a private endpoint and the operator\'s address reach it.')
param closed bool

@description('The public IPv4 address that reaches a closed vault; empty for none.')
param operatorAddress string

@description('Whether nobody can purge it before its time.')
param purgeProtection bool

var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

// Without purge protection, unless it is wanted, so that an environment that was taken down can be made again under its name. The
// service refuses false.
resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: 'kv-${suffix}'
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
    enablePurgeProtection: purgeProtection ? true : null
    publicNetworkAccess: closed && empty(operatorAddress) ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: closed ? 'Deny' : 'Allow'
      ipRules: closed && !empty(operatorAddress) ? [{ value: operatorAddress }] : []
    }
  }
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'audit'
        enabled: true
      }
    ]
  }
}

resource appRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, appPrincipalId, secretsUser)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

resource operatorRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorId)) {
  scope: vault
  name: guid(vault.id, operatorId, secretsOfficer)
  properties: {
    principalId: operatorId
    principalType: operatorType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
  }
}

output id string = vault.id
output name string = vault.name
