metadata description = 'The private address of a service in the app\'s network, and the zone by which the service\'s usual name leads to it.'

@description('The suffix that makes names unique.')
@minLength(13)
@maxLength(13)
param suffix string

@description('Where the endpoint is.')
param location string

@description('The tags of every resource.')
param tags object

@description('What the service is called in the endpoint\'s name.')
param serviceName string

@description('The resource id of the service.')
param serviceId string

@description('The part of the service that is reached, as private link names it.')
param part string

@description('The name of the private DNS zone for this part.')
param zone string

@description('The resource id of the network.')
param networkId string

@description('The resource id of the subnet that the address is from.')
param subnetId string

resource privateZone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: zone
  location: 'global'
  tags: tags
}

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: privateZone
  name: 'vnet-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    virtualNetwork: { id: networkId }
  }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2024-07-01' = {
  name: 'pe-${serviceName}-${suffix}'
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      {
        name: serviceName
        properties: {
          privateLinkServiceId: serviceId
          groupIds: [part]
        }
      }
    ]
  }
}

resource names 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-07-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: serviceName
        properties: { privateDnsZoneId: privateZone.id }
      }
    ]
  }
  dependsOn: [link]
}
