metadata description = 'A network of the app\'s own: one subnet that its calls go through, one in which its services have their private addresses.'

@description('The suffix that makes names unique.')
@minLength(13)
@maxLength(13)
param suffix string

@description('Where the network is.')
param location string

@description('The tags of every resource.')
param tags object

resource network 'Microsoft.Network/virtualNetworks@2024-07-01' = {
  name: 'vnet-${suffix}'
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: ['10.0.0.0/16']
    }
    subnets: [
      {
        name: 'endpoints'
        properties: {
          addressPrefix: '10.0.1.0/24'
          privateEndpointNetworkPolicies: 'Disabled'
          defaultOutboundAccess: false
        }
      }
      {
        name: 'app'
        properties: {
          addressPrefix: '10.0.2.0/24'
          delegations: [
            {
              name: 'functions'
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
    ]
  }
}

output id string = network.id
output endpointsSubnetId string = '${network.id}/subnets/endpoints'
output appSubnetId string = '${network.id}/subnets/app'
