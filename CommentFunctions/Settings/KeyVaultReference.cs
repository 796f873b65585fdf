namespace CommentFunctions.Settings;

/// <summary>
/// Settings that Azure was to replace by a secret of a vault. Where it could not, the app finds the reference itself, which everybody can
/// guess: it counts as no value.
/// </summary>
public static class KeyVaultReference
{
    private const string Prefix = "@Microsoft.KeyVault(";

    /// <summary>Whether this value is still the reference.</summary>
    public static bool IsUnresolved(string? value) => value is not null && value.AsSpan().TrimStart().StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>What is wrong with the setting of this name, and what to do about it.</summary>
    public static string Explain(string setting) =>
        $"{setting} is a Key Vault reference that was not resolved. See to it that the vault has the secret and that the app's identity may read it, then restart the app.";
}
