namespace CommentFunctions.Channels;

/// <summary>The settings of a channel whose service either calls the app or is asked by it.</summary>
public abstract class PollableOptions : ChannelOptions
{
    /// <summary>How messages come in: by <c>Webhook</c>, which the service calls, or by <c>Polling</c>, for which nobody has to reach the app.</summary>
    public string Receive { get; set; } = "Webhook";

    /// <summary>Whether the app asks the service for messages.</summary>
    internal bool IsPolling => Receive.Equals("Polling", StringComparison.OrdinalIgnoreCase);

    /// <summary>What it takes to get messages: the webhook's secret, or nothing more than to poll.</summary>
    private protected RequiredSetting ToReceive(RequiredSetting secret) => IsPolling
        // Set by itself it asks for the channel, and the others are missed.
        ? new(nameof(Receive), Receive, "Polling")
        : secret;

    private protected override IEnumerable<string> CheckOwn()
    {
        if (!IsPolling && !Receive.Equals("Webhook", StringComparison.OrdinalIgnoreCase))
        {
            yield return Invalid(nameof(Receive), Receive, "Webhook, Polling");
        }
        else if (IsPolling && IsUnderFunctionsHost)
        {
            yield return $"{Name(nameof(Receive))} is Polling, which takes one process that always runs; the Functions host runs several, or none. "
                + "Set it to Webhook, or run the app on the local host.";
        }
    }
}
