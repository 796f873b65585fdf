metadata description = 'What tells an operator: comments that are not deleted, dead letters, failures, an app that does not answer, costs.'

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

@description('Where alerts are sent; empty to see them in the portal only.')
param alertEmail string

@description('The month\'s costs of which alerts tell; 0 for none.')
param monthlyBudget int

@description('The first day of the month in which the budget was made.')
param budgetStart string

var places = [
  { Id: 'emea-nl-ams-azr' }
  { Id: 'us-va-ash-azr' }
  { Id: 'apac-sg-sin-azr' }
]

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
          timeAggregation: 'Total'
          metricMeasureColumn: 'Failures'
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

// Without what comes in after the cap, the alert above sees nothing.
resource capReached 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'log-cap-${suffix}'
  location: location
  tags: tags
  properties: {
    displayName: 'The day\'s logs are full'
    description: 'DAILY_LOG_GIGABYTES came in: until the next day logs, traces and metrics are lost, and the alert of failures is blind. See what wrote so much: Usage | summarize sum(Quantity) by DataType.'
    severity: 2
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT30M'
    autoMitigate: true
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: loadTextContent('../queries/cap-reached.kql')
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
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

// The plan has no health checks of its own. Two of three places have to agree: a fault of the network near one is not the app's.
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
    Locations: places
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
      failedLocationCount: 2
    }
    actions: [{ actionGroupId: operators.id }]
  }
}

// The app reads its own records of runs for this answer, so that no lost metric or trace can raise the alert or hold it back. What else
// is wrong, the alert above tells.
resource expiry 'Microsoft.Insights/webtests@2022-06-15' = {
  name: 'expiry-${suffix}'
  location: location
  tags: union(tags, { 'hidden-link:${insightsId}': 'Resource' })
  kind: 'standard'
  properties: {
    Name: 'expiry'
    SyntheticMonitorId: 'expiry-${suffix}'
    Kind: 'standard'
    Enabled: watchHealth
    Frequency: 900
    Timeout: 60
    RetryEnabled: true
    Locations: [places[0]]
    Request: {
      RequestUrl: healthAddress
      HttpVerb: 'GET'
    }
    ValidationRules: {
      IgnoreHttpStatusCode: true
      ContentValidation: {
        ContentMatch: '"expiryOverdue":true'
        PassIfTextFound: false
      }
    }
  }
}

resource expiryStopped 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'expiry-stopped-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Expired comments are not being deleted: two scheduled times went by without a run that succeeded. See the last runs, and why they failed: GET /api/expiry-runs.'
    severity: 1
    enabled: watchHealth
    scopes: [
      expiry.id
      insightsId
    ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT30M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: expiry.id
      componentId: insightsId
      failedLocationCount: 1
    }
    actions: [{ actionGroupId: operators.id }]
  }
}

resource budget 'Microsoft.Consumption/budgets@2024-08-01' = if (monthlyBudget > 0) {
  name: 'budget-${suffix}'
  properties: {
    category: 'Cost'
    amount: monthlyBudget
    timeGrain: 'Monthly'
    timePeriod: { startDate: budgetStart }
    notifications: {
      mostIsSpent: {
        enabled: true
        thresholdType: 'Actual'
        operator: 'GreaterThanOrEqualTo'
        threshold: 80
        contactEmails: []
        contactGroups: [operators.id]
      }
      allIsSpent: {
        enabled: true
        thresholdType: 'Actual'
        operator: 'GreaterThanOrEqualTo'
        threshold: 100
        contactEmails: []
        contactGroups: [operators.id]
      }
      moreIsExpected: {
        enabled: true
        thresholdType: 'Forecasted'
        operator: 'GreaterThan'
        threshold: 100
        contactEmails: []
        contactGroups: [operators.id]
      }
    }
  }
}
