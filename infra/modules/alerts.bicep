metadata description = 'What tells an operator: runs that stopped, dead letters, failures, an app that does not answer.'

@description('The suffix that makes names unique.')
@minLength(13)
@maxLength(13)
param suffix string

@description('Where the rules are.')
param location string

@description('The tags of every resource.')
param tags object

@description('The resource id of the workspace that has the app\'s logs and metrics.')
param workspaceId string

@description('The resource id of the Application Insights component.')
param insightsId string

@description('The resource id of the Service Bus namespace.')
param serviceBusId string

@description('The address of the health endpoint.')
param healthAddress string

@description('Whether the health endpoint is watched.')
param watchHealth bool

@description('The hours between two scheduled runs.')
param expiryIntervalHours int

@description('Where alerts are sent; empty to see them in the portal only.')
param alertEmail string

// Twice the interval, as one of the windows that a rule can have.
var expiryWindows = {
  '1': 'PT2H'
  '2': 'PT4H'
  '3': 'PT6H'
  '12': 'P1D'
  '24': 'P2D'
}

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'comments'
    emailReceivers: empty(alertEmail)
      ? []
      : [
          {
            name: 'operators'
            emailAddress: alertEmail
            useCommonAlertSchema: true
          }
        ]
  }
}

// A row for each run that succeeded, and one while the app is younger than an interval, in which none is due.
resource expiryStopped 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'expiry-stopped-${suffix}'
  location: location
  tags: tags
  properties: {
    displayName: 'Expired comments are not being deleted'
    description: 'No run of the expiry job succeeded within twice its interval. See the last runs, and why they failed: GET /api/expiry-runs.'
    severity: 1
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT1H'
    windowSize: expiryWindows[string(expiryIntervalHours)]
    autoMitigate: true
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: replace(loadTextContent('../queries/expiry-succeeded.kql'), '{interval}', '${expiryIntervalHours}h')
          timeAggregation: 'Count'
          operator: 'LessThan'
          threshold: 1
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: { actionGroups: [operators.id] }
  }
}

// An expired token or a busy store mends itself; several failures in a quarter of an hour do not.
resource failures 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'failures-${suffix}'
  location: location
  tags: tags
  properties: {
    displayName: 'The app fails'
    description: 'Five or more exceptions, or runs of functions that failed, within 15 minutes. Callers\' mistakes (4xx) do not count.'
    severity: 2
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: loadTextContent('../queries/failures.kql')
          timeAggregation: 'Count'
          operator: 'GreaterThanOrEqual'
          threshold: 5
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: { actionGroups: [operators.id] }
  }
}

resource deadLetters 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'dead-letters-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'A queue has dead letters: messages that were given up on, with the reason in each. See docs/operations.md.'
    severity: 2
    enabled: true
    scopes: [serviceBusId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'dead letters'
          metricNamespace: 'Microsoft.ServiceBus/namespaces'
          metricName: 'DeadletteredMessages'
          dimensions: [
            {
              name: 'EntityName'
              operator: 'Include'
              values: ['*']
            }
          ]
          timeAggregation: 'Maximum'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: [{ actionGroupId: operators.id }]
  }
}

// The plan has no health checks of its own.
resource health 'Microsoft.Insights/webtests@2022-06-15' = {
  name: 'health-${suffix}'
  location: location
  tags: union(tags, { 'hidden-link:${insightsId}': 'Resource' })
  kind: 'standard'
  properties: {
    Name: 'health'
    SyntheticMonitorId: 'health-${suffix}'
    Kind: 'standard'
    Enabled: watchHealth
    Frequency: 900
    Timeout: 60
    RetryEnabled: true
    Locations: [{ Id: 'emea-nl-ams-azr' }]
    Request: {
      RequestUrl: healthAddress
      HttpVerb: 'GET'
    }
    ValidationRules: { ExpectedHttpStatusCode: 200 }
  }
}

resource unhealthy 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'unhealthy-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'The health endpoint does not answer, or says that the app is unhealthy, and why.'
    severity: 1
    enabled: watchHealth
    scopes: [
      health.id
      insightsId
    ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT30M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: health.id
      componentId: insightsId
      failedLocationCount: 1
    }
    actions: [{ actionGroupId: operators.id }]
  }
}
