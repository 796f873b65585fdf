namespace Functions.LocalRuntime.Settings;

/// <summary>The app cannot start, for reasons that its developer or operator can mend.</summary>
/// <param name="messages">What is wrong and what to do, one line each.</param>
public sealed class StartupException(params IReadOnlyList<string> messages) : Exception(string.Join(Environment.NewLine, messages))
{
    /// <summary>What is wrong and what to do, one line each.</summary>
    public IReadOnlyList<string> Messages => messages;
}
