metadata description = 'The function app, on the Flex Consumption plan.'

@description('The suffix that makes names unique.')
@minLength(13)
@maxLength(13)
param suffix string

@description('Where the app is.')
param location string

@description('The tags of every resource.')
param tags object

@description('The resource id of the app\'s identity.')
param identityId string

@description('The client id of the app\'s identity.')
param identityClientId string

@description('The name of the Application Insights component.')
param insightsName string

@description('The address of the storage account\'s blobs.')
param blobEndpoint string

@description('The address of the container that the app\'s package is put into.')
param packageContainer string

@description('The host name of the Service Bus namespace.')
param serviceBusHost string

@description('The settings by which the app finds its store.')
param storeSettings object

@description('The settings of the channels.')
param channelSettings object

@description('The age in hours at which a comment expires.')
param retentionHours int

@description('When expired comments are deleted.')
param expirySchedule string

@description('The most instances that a burst may start of each group of functions.')
param maximumInstanceCount int

@description('The instances for HTTP that are kept started.')
param alwaysReadyHttp int

@description('The part of the traces that is sent.')
param tracesPart string

@description('The resource id of the subnet that the app\'s own calls go through; empty for none.')
param subnetId string

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${suffix}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: 'func-${suffix}'
  location: location
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainer
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyHttp == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyHttp }]
        triggers: {
          http: { perInstanceConcurrency: 32 }
        }
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
    }
  }
}

resource settings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  properties: union(storeSettings, channelSettings, {
    AzureWebJobsStorage__blobServiceUri: blobEndpoint
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identityClientId
    ServiceBus__fullyQualifiedNamespace: serviceBusHost
    ServiceBus__credential: 'managedidentity'
    ServiceBus__clientId: identityClientId
    APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
    OTEL_TRACES_SAMPLER: 'microsoft.fixed_percentage'
    OTEL_TRACES_SAMPLER_ARG: tracesPart
    CommentExpirySchedule: expirySchedule
    Comments__Retention: '${retentionHours / 24}.${padLeft(retentionHours % 24, 2, '0')}:00:00'
  })
}

// No password for deployments either: they sign in with Microsoft Entra.
resource scmPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

resource ftpPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

output name string = app.name
output address string = 'https://${app.properties.defaultHostName}'
