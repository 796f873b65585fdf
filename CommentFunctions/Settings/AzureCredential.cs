using Azure.Core;
using Azure.Identity;

namespace CommentFunctions.Settings;

/// <summary>The identity of the app in Azure.</summary>
internal static class AzureCredential
{
    /// <summary>
    /// The managed identity where <paramref name="credential"/> says <c>managedidentity</c>, of this client id or the app's own; else
    /// the one that this machine is signed in with.
    /// </summary>
    public static TokenCredential Choose(string? credential, string? clientId)
    {
        if (!"managedidentity".Equals(credential, StringComparison.OrdinalIgnoreCase))
        {
            return new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = clientId });
        }

        return new ManagedIdentityCredential(
            string.IsNullOrEmpty(clientId) ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(clientId));
    }
}
