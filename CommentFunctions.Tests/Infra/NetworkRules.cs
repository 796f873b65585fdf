using CommentFunctions.Queues;
using CommentFunctions.Tests.Infra.Bicep;

namespace CommentFunctions.Tests.Infra;

/// <summary>What holds of who reaches what: the network, and the rights of the app.</summary>
internal static class NetworkRules
{
    private const string Address = "203.0.113.7";

    private static readonly string[] Stores = ["Cosmos", "Postgres"];

    // What a private endpoint is for, and the zone that leads to it, as the services' documentation has them.
    private static readonly Dictionary<string, string> Zones = new()
    {
        ["blob"] = "privatelink.blob.<environment().suffixes.storage>",
        ["namespace"] = "privatelink.servicebus.windows.net",
        ["vault"] = "privatelink.vaultcore.azure.net",
        ["Sql"] = "privatelink.documents.azure.com",
        ["postgresqlServer"] = "privatelink.postgres.database.azure.com",
    };

    /// <summary>With a network of its own nobody reaches the app's services but the app, and an operator where an address is given.</summary>
    public static IEnumerable<string> Closed(Infrastructure infra)
    {
        foreach (var store in Stores)
        {
            var usual = infra.Deploy(store).Resources().ToList();
            if (usual.Any(r => r.Type.StartsWith("Microsoft.Network/", StringComparison.Ordinal)) || Public(usual).Any(p => p.Value is not "Enabled"))
            {
                yield return $"{store}: there is a network though none is wanted.";
            }

            var closed = infra.Deploy(store, ("vnetEnabled", true)).Resources().ToList();
            foreach (var (resource, _) in Public(closed).Where(p => p.Value is not "Disabled"))
            {
                yield return $"{resource.Place} is open to the public.";
            }

            foreach (var missing in Ways(store, closed).Concat(Endpoints(store, closed)))
            {
                yield return missing;
            }

            var letIn = infra.Deploy(store, ("vnetEnabled", true), ("operatorAddress", Address)).Resources().ToList();
            foreach (var (resource, _) in Public(letIn).Where(p => p.Value is "Enabled" && !Admits(p.Resource, letIn)))
            {
                yield return $"{resource.Place} is open to others than the operator.";
            }
        }
    }

    /// <summary>The app may do to its queues and its database what it has to, and nothing to what is beside them.</summary>
    public static IEnumerable<string> Rights(Infrastructure infra)
    {
        const string DataOwner = "090c5cfd-751d-490a-894a-3ce6f1109419";
        var resources = infra.Resources().ToList();
        var onQueues = resources
            .Where(r => r is { Type: "Microsoft.Authorization/roleAssignments", File: "modules/servicebus.bicep" } && IsTheApps(r))
            .ToList();
        if (onQueues.Count != QueueNames.All.Count || onQueues.Any(r => !$"{r.At("scope")}".StartsWith("<queues.", StringComparison.Ordinal) || !$"{r.At("properties", "roleDefinitionId")}".Contains(DataOwner, StringComparison.Ordinal)))
        {
            yield return "The app is not the owner of its queues, or of more than them: the plan cannot see their length, or the app may do too much.";
        }

        foreach (var role in resources.Where(r => r.Type.EndsWith("sqlRoleAssignments", StringComparison.Ordinal) && !$"{r.At("properties", "scope")}".EndsWith("/dbs/comments", StringComparison.Ordinal)))
        {
            yield return $"{role.Place} is for more than the database.";
        }

        foreach (var administrator in resources.Where(r => r.Type.EndsWith("flexibleServers/administrators", StringComparison.Ordinal) && r.Name != "an-operator"))
        {
            yield return $"{administrator.Place} is not the operator.";
        }

        if (!resources.Any(r => r.Type == "Microsoft.Insights/diagnosticSettings"
            && $"{r.At("scope")}" == "<vault>"
            && Only(r.At("properties", "logs")) is { } log
            && log["categoryGroup"] is "audit"
            && log["enabled"] is true))
        {
            yield return "Nobody is told who reads the vault's secrets.";
        }

        if (Purge(infra, false) is not null || Purge(infra, true) is not true)
        {
            yield return "The vault's protection against purging is not what is asked for.";
        }
    }

    private static object? Purge(Infrastructure infra, bool wanted) => infra.Deploy("Cosmos", ("purgeProtection", wanted)).Resources()
        .Single(r => r.Type == "Microsoft.KeyVault/vaults").At("properties", "enablePurgeProtection");

    // The one object of a list; null where there is none, or several.
    private static IReadOnlyDictionary<string, object?>? Only(object? list) =>
        list is IReadOnlyList<object?> { Count: 1 } items ? items[0] as IReadOnlyDictionary<string, object?> : null;

    private static bool IsTheApps(DeployedResource grant) => $"{grant.At("properties", "principalId")}" == "<identity.properties.principalId>";

    private static IEnumerable<(DeployedResource Resource, object? Value)> Public(IEnumerable<DeployedResource> resources) =>
        from resource in resources
        let value = resource.Type.EndsWith("flexibleServers", StringComparison.Ordinal)
            ? resource.At("properties", "network", "publicNetworkAccess")
            : resource.At("properties", "publicNetworkAccess")
        where resource.Type is "Microsoft.Storage/storageAccounts" or "Microsoft.ServiceBus/namespaces" or "Microsoft.KeyVault/vaults"
            or "Microsoft.DocumentDB/databaseAccounts" or "Microsoft.DBforPostgreSQL/flexibleServers"
        select (resource, value);

    private static bool Admits(DeployedResource resource, IEnumerable<DeployedResource> all) => resource.Type switch
    {
        "Microsoft.KeyVault/vaults" => resource.At("properties", "networkAcls", "defaultAction") is "Deny"
            && Only(resource.At("properties", "networkAcls", "ipRules"))?["value"] is Address,
        "Microsoft.DocumentDB/databaseAccounts" => Only(resource.At("properties", "ipRules"))?["ipAddressOrRange"] is Address,
        "Microsoft.DBforPostgreSQL/flexibleServers" => all.Where(r => r.Type.EndsWith("firewallRules", StringComparison.Ordinal))
            .All(r => r.At("properties", "startIpAddress") is Address && r.At("properties", "endIpAddress") is Address),
        _ => false,
    };

    // How the app gets into its network, and the tier that can be in one.
    private static IEnumerable<string> Ways(string store, List<DeployedResource> closed)
    {
        var subnets = closed.Single(r => r.Type == "Microsoft.Network/virtualNetworks").At("properties", "subnets") as IReadOnlyList<object?> ?? [];
        var forApps = subnets.OfType<IReadOnlyDictionary<string, object?>>().Select(subnet => (Name: subnet["name"], Properties: (IReadOnlyDictionary<string, object?>)subnet["properties"]!))
            .Where(subnet => Only(subnet.Properties.GetValueOrDefault("delegations")) is { } delegation
                && ((IReadOnlyDictionary<string, object?>)delegation["properties"]!)["serviceName"] is "Microsoft.App/environments")
            .Select(subnet => $"<network.id>/subnets/{subnet.Name}")
            .ToList();
        if (!forApps.Contains($"{closed.Single(r => r.Type == "Microsoft.Web/sites").At("properties", "virtualNetworkSubnetId")}"))
        {
            yield return $"{store}: the app is not in a subnet for apps.";
        }

        if (closed.Single(r => r.Type == "Microsoft.ServiceBus/namespaces").At("sku", "name") is not "Premium")
        {
            yield return $"{store}: the tier of the queues has no private endpoints.";
        }

        foreach (var rule in closed.Where(r => r.Type.EndsWith("firewallRules", StringComparison.Ordinal)))
        {
            yield return $"{rule.Place} lets others in.";
        }
    }

    private static IEnumerable<string> Endpoints(string store, List<DeployedResource> closed)
    {
        var endpoints = closed.Where(r => r.Type == "Microsoft.Network/privateEndpoints")
            .Select(r => (IReadOnlyDictionary<string, object?>)((IReadOnlyList<object?>)r.At("properties", "privateLinkServiceConnections")!).Single()!)
            .Select(c => (IReadOnlyDictionary<string, object?>)c["properties"]!)
            .Select(p => $"{((IReadOnlyList<object?>)p["groupIds"]!).Single()} of {p["privateLinkServiceId"]}");
        var zones = closed.Where(r => r.Type == "Microsoft.Network/privateDnsZones").Select(r => r.Name);
        string[] wanted = ["blob of <account.id>", "namespace of <namespace.id>", "vault of <vault.id>", store == "Cosmos" ? "Sql of <account.id>" : "postgresqlServer of <server.id>"];
        return InfraRules.Differences($"{store}: endpoint", wanted, endpoints)
            .Concat(InfraRules.Differences($"{store}: zone", wanted.Select(w => Zones[w.Split(' ')[0]]), zones));
    }
}
