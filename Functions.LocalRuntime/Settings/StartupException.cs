namespace Functions.LocalRuntime.Settings;

/// <summary>The app cannot start, for reasons that its developer can mend; one message for each.</summary>
public sealed class StartupException(IReadOnlyList<string> messages) : Exception(string.Join(Environment.NewLine, messages))
{
    /// <summary>For a single reason.</summary>
    public StartupException(string message) : this([message])
    {
    }

    /// <summary>What is wrong and what to do, one line each.</summary>
    public IReadOnlyList<string> Messages { get; } = messages;
}
