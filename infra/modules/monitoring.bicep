metadata description = 'Where logs, traces and metrics go, what is taken out of them, and the workbook that draws them.'

@description('The suffix that makes names unique.')
@minLength(13)
@maxLength(13)
param suffix string

@description('Where the workspace is.')
param location string

@description('The tags of every resource.')
param tags object

@description('The object id of the app\'s identity.')
param appPrincipalId string

@description('The gigabytes of them that are taken in on a day.')
param dailyLogGigabytes int

var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

// The rule names the workspace, and the workspace the rule: so it is written twice.
module workspace 'workspace.bicep' = {
  name: 'workspace'
  params: {
    suffix: suffix
    location: location
    tags: tags
    dailyLogGigabytes: dailyLogGigabytes
    ruleId: ''
  }
}

module masking 'masking.bicep' = {
  name: 'masking'
  params: {
    suffix: suffix
    location: location
    tags: tags
    workspaceName: workspace.outputs.name
  }
}

module maskedWorkspace 'workspace.bicep' = {
  name: 'masked-workspace'
  params: {
    suffix: suffix
    location: location
    tags: tags
    dailyLogGigabytes: dailyLogGigabytes
    ruleId: masking.outputs.ruleId
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${suffix}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: maskedWorkspace.outputs.id
    DisableLocalAuth: true
  }
}

resource appRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, appPrincipalId, metricsPublisher)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
  }
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Comments and the bot'
    category: 'workbook'
    version: '1.0'
    sourceId: maskedWorkspace.outputs.id
    serializedData: replace(loadTextContent('../workbook.json'), '{workspace}', maskedWorkspace.outputs.id)
  }
}

output workspaceId string = maskedWorkspace.outputs.id
output insightsId string = insights.id
output insightsName string = insights.name
