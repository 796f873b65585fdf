metadata description = 'Where logs, traces and metrics are kept.'

@description('The suffix that makes names unique.')
@minLength(13)
@maxLength(13)
param suffix string

@description('Where the workspace is.')
param location string

@description('The tags of every resource.')
param tags object

@description('The gigabytes that are taken in on a day.')
param dailyLogGigabytes int

@description('The resource id of the rule that changes what comes in; empty for none.')
param ruleId string

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: 'log-${suffix}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
    features: { disableLocalAuth: true }
    workspaceCapping: { dailyQuotaGb: dailyLogGigabytes }
    defaultDataCollectionRuleResourceId: empty(ruleId) ? null : ruleId
  }
}

output id string = workspace.id
output name string = workspace.name
