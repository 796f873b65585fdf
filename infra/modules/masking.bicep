metadata description = 'Takes names of users and conversations out of what the Functions host tells of requests, before it is kept.'

@description('The suffix that makes names unique.')
@minLength(13)
@maxLength(13)
param suffix string

@description('Where the workspace is.')
param location string

@description('The tags of every resource.')
param tags object

@description('The name of the workspace.')
param workspaceName string

// A rule's query is one line.
var mask = replace(loadTextContent('../queries/mask.kql'), '\n', ' ')

// What of a table has addresses of requests in it.
var tables = [
  {
    name: 'AppRequests'
    masked: 'Name = mask(Name), OperationName = mask(OperationName), Url = mask(Url), Properties = parse_json(mask(mask(tostring(Properties))))'
  }
  {
    name: 'AppDependencies'
    masked: 'Name = mask(Name), OperationName = mask(OperationName), Data = mask(Data), Properties = parse_json(mask(mask(tostring(Properties))))'
  }
  {
    name: 'AppTraces'
    masked: 'Message = mask(mask(Message)), OperationName = mask(OperationName), Properties = parse_json(mask(mask(tostring(Properties))))'
  }
  {
    name: 'AppExceptions'
    masked: 'OperationName = mask(OperationName), Properties = parse_json(mask(mask(tostring(Properties))))'
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

// A table has to be written once to take part in the rule.
resource takingPart 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = [
  for table in tables: {
    parent: workspace
    name: table.name
    properties: {
      schema: { name: table.name }
    }
  }
]

resource rule 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: 'dcr-${suffix}'
  location: location
  tags: tags
  kind: 'WorkspaceTransforms'
  properties: {
    destinations: {
      logAnalytics: [
        {
          name: 'workspace'
          workspaceResourceId: workspace.id
        }
      ]
    }
    dataFlows: [
      for table in tables: {
        streams: ['Microsoft-Table-${table.name}']
        destinations: ['workspace']
        transformKql: replace(mask, '{columns}', table.masked)
      }
    ]
  }
  dependsOn: [takingPart]
}

output ruleId string = rule.id
