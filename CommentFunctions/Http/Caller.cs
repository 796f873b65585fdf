using Microsoft.AspNetCore.Http;

namespace CommentFunctions.Http;

/// <summary>Who may call an HTTP function.</summary>
public enum Caller
{
    /// <summary>Anyone.</summary>
    Anyone,

    /// <summary>Anyone while the web channel is on; otherwise the function answers as if it were not there.</summary>
    Web,

    /// <summary>A service that shows that it knows its channel's secret.</summary>
    Service,

    /// <summary>Who has the key to post comments.</summary>
    Post,

    /// <summary>Who has the key to operate the app: runs of the expiry job, users who are erased, everybody's comments, and dead letters.</summary>
    Operate,

    /// <summary>Who has the key to register webhooks at their services.</summary>
    Channels,
}

/// <summary>Who may call what, by the functions' names; what is not in it needs no caller, or has a trigger of another kind.</summary>
public sealed record CallerTable(IReadOnlyDictionary<string, Caller> ByFunction);

/// <summary>Who makes a call, for the record of what it does.</summary>
public static class CallerNames
{
    /// <summary>Who runs a function by the host's admin endpoint.</summary>
    public const string Admin = "admin";

    // https://github.com/Azure/azure-functions-host: SecurityConstants.AuthLevelKeyNameClaimType.
    private const string KeyName = "http://schemas.microsoft.com/2017/07/functions/claims/keyid";

    /// <summary>
    /// The name of the key where the host tells it, as the local one does, else the address. A call that came by the admin endpoint has none
    /// of both, and needed the master key.
    /// </summary>
    public static string Of(HttpContext http) =>
        http.User.FindFirst(KeyName) is { } key ? $"key {key.Value}"
        : http.Connection.RemoteIpAddress is { } address ? $"address {(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)}"
        : Admin;
}
